/**
 * ICMP: echo, and errors in both directions.
 *
 * <p>Theory of operation. {@link dev.dunlin.slirp.icmp.IcmpInput} answers echo requests to our own
 * stations itself and gives those to the outside to {@link dev.dunlin.slirp.icmp.EchoRelay}, which
 * keeps one ping socket for each (guest, identifier, destination). {@link
 * dev.dunlin.slirp.icmp.IcmpErrors} tells the guest what became of its packets: quoting the
 * original, never about an error, a later fragment or a broadcast (RFC 1122 section 3.2.2), and at
 * a limited rate. Errors that the guest sends about packets of ours go to the transport that sent
 * them.
 *
 * <p>Limits: 64 echo flows, 60 idle seconds each; 1,000 errors a second in bursts of 50.
 */
@NullMarked
package dev.dunlin.slirp.icmp;

import org.jspecify.annotations.NullMarked;
