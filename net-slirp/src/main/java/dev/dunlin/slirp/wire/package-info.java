/**
 * The bytes of every protocol: frames, one view a protocol, checksums, addresses.
 *
 * <p>Theory of operation. A {@link dev.dunlin.core.net.frame.Frame} is one packet with its offload
 * metadata; it comes from the loop's {@link dev.dunlin.core.net.frame.FramePool} and has exactly
 * one owner at any time. A view ({@code UdpView}, {@code Ipv4View}, ...) is laid over a frame's
 * bytes by {@code wrap}, which checks every length once and says yes or no; after a yes no accessor
 * can run outside the packet. Views are reused by their owner and allocate nothing. What outlives a
 * frame is a value ({@code DhcpMessage}, {@code DnsMessage}, {@code TftpPacket}) with {@code parse}
 * and {@code emit}. Input is checked when parsed, output is trusted when emitted: a bad packet from
 * the guest is a counted drop ({@link dev.dunlin.slirp.wire.DropReason}), a bad packet of our own
 * is a bug.
 *
 * <p>All of it belongs to one thread, the network's loop, and knows neither sockets nor time.
 */
@NullMarked
package dev.dunlin.slirp.wire;

import org.jspecify.annotations.NullMarked;
