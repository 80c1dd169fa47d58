/**
 * The services that a guest finds on the virtual network: DHCP on the gateway, DNS on its own
 * address, TFTP on the gateway.
 *
 * <p>Theory of operation. Each is a {@link dev.dunlin.slirp.udp.UdpService} that the assembly binds
 * to its port, and a {@link dev.dunlin.slirp.link.Timed} where it has deadlines. What they need of
 * the host comes through interfaces: {@link dev.dunlin.slirp.service.ResolverTransport} and {@link
 * dev.dunlin.slirp.service.ResolverList} for DNS, {@link dev.dunlin.slirp.service.FileSource} for
 * TFTP. DNS over TCP is a byte stream that the TCP engine terminates and {@link
 * dev.dunlin.slirp.service.DnsTcpSession} cuts into messages.
 *
 * <p>Limits: 16 leases; 256 DNS queries under way, 64 DNS connections; 20 TFTP transfers.
 */
@NullMarked
package dev.dunlin.slirp.service;

import org.jspecify.annotations.NullMarked;
