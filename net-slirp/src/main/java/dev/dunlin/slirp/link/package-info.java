/**
 * The virtual Ethernet: what a guest's card sees.
 *
 * <p>Theory of operation. A frame from the guest comes to {@link dev.dunlin.slirp.link.FrameDemux},
 * which checks the Ethernet header and hands it to {@link dev.dunlin.slirp.link.Neighbours} (ARP)
 * or to a {@link dev.dunlin.slirp.link.NetworkInput}. A frame to the guest comes to {@code
 * Neighbours} as an IP packet; it gets its Ethernet header when the guest's address is known and
 * waits, bounded in number and time, while ARP asks for it. Then it leaves through a {@link
 * dev.dunlin.core.net.frame.FramePort}: the guest's link itself, or {@link
 * dev.dunlin.slirp.link.SoftwareOffload} before one that can neither sum nor segment, or {@link
 * dev.dunlin.core.net.frame.PcapTap} that watches.
 *
 * <p>Our stations ({@link dev.dunlin.slirp.link.VirtualNet}) have the Ethernet addresses that
 * libslirp gives them, 52:55 and the IPv4 address, so a guest moved here from QEMU keeps its ARP
 * cache.
 *
 * <p>Limits: 16 neighbours, 64 waiting frames, 8 an address, 3 requests a second apart. Everything
 * belongs to the network's loop thread.
 */
@NullMarked
package dev.dunlin.slirp.link;

import org.jspecify.annotations.NullMarked;
