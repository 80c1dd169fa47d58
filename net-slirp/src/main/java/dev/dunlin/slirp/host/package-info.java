/**
 * The host's side of the flows: native sockets on the network's loop.
 *
 * <p>Theory of operation. {@link dev.dunlin.slirp.host.HostLoop} is what they share: the loop, the
 * frames, one set of native structures for all system calls. Each kind of flow of the protocols has
 * a class here that serves its border: {@link dev.dunlin.slirp.host.HostDatagrams} connected UDP
 * sockets, {@link dev.dunlin.slirp.host.HostEchoes} echo ("ping") sockets, {@link
 * dev.dunlin.slirp.host.HostResolvers} questions to name servers, {@link
 * dev.dunlin.slirp.host.HostStream} byte streams, {@link dev.dunlin.slirp.host.Forwards} listeners.
 * Datagrams are read several at a time straight behind the header room of frames; what the network
 * says about those sent (ICMP) comes from the sockets' error queues, with the router that said it,
 * and reaches the guest as the same error.
 *
 * <p>Limits: no socket has a buffer here; how many there are is the flow tables' bound. A listener
 * that can't take a connection rests 100 ms. Everything belongs to the network's thread and makes
 * no objects for a packet.
 */
@NullMarked
package dev.dunlin.slirp.host;

import org.jspecify.annotations.NullMarked;
