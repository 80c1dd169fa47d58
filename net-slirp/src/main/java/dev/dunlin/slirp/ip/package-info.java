/**
 * IP between the virtual Ethernet and the transports.
 *
 * <p>Theory of operation. {@link dev.dunlin.slirp.ip.Ipv4Input} checks a packet in the order of RFC
 * 1812 section 5.2 (lengths, checksum, options, source), asks {@link dev.dunlin.slirp.ip.Routing}
 * what its destination is, and refuses what the guest may not reach before any socket is touched;
 * {@link dev.dunlin.slirp.ip.Reassembler} collects fragments; a whole packet goes to a {@link
 * dev.dunlin.slirp.ip.TransportInput}. {@link dev.dunlin.slirp.ip.IpOutput} writes headers, cuts
 * packets to the link's MTU, and hands them to the neighbours. Refusals are answered through {@link
 * dev.dunlin.slirp.ip.IpErrors} (ICMP), so a guest learns at once what a silent drop would let it
 * wait for.
 *
 * <p>Limits: 16 datagrams in reassembly, 30 seconds each. Everything belongs to the network's loop.
 */
@NullMarked
package dev.dunlin.slirp.ip;

import org.jspecify.annotations.NullMarked;
