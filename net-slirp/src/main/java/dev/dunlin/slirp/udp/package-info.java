/**
 * UDP: our own services, flows to the outside, forwards to the guest.
 *
 * <p>Theory of operation. {@link dev.dunlin.slirp.udp.UdpInput} checks a datagram and gives it to
 * the {@link dev.dunlin.slirp.udp.UdpService} bound to its destination or to {@link
 * dev.dunlin.slirp.udp.UdpFlows}. A flow is one (guest address, port, remote address, port) with
 * one connected socket of the host behind it, so the host's kernel filters strangers and tells of
 * refusals, which the guest gets as ICMP. A datagram that came through a forward makes a flow too;
 * its answers leave through the forward's own socket.
 *
 * <p>Idle times: 10 s for DNS, 30 s while only one side spoke, 120 s afterwards (Linux's conntrack,
 * but for DNS, which would exhaust ports). Limit: 1,024 flows; the one idle longest makes room.
 */
@NullMarked
package dev.dunlin.slirp.udp;

import org.jspecify.annotations.NullMarked;
