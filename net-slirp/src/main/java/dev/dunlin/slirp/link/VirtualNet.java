package dev.dunlin.slirp.link;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.Set;

/**
 * The IPv4 side of the virtual network: which addresses are ours. {@code servers} are the addresses
 * of the share and of guest forwards ({@code .4} unless configured otherwise); {@code dns} may lie
 * outside the net unless the guest is restricted.
 *
 * @param mask ones where the network's bits are; QEMU takes any
 */
public record VirtualNet(
    IpAddr network, int mask, IpAddr gateway, IpAddr dns, Set<IpAddr> servers) {

  private static final long MAC_PREFIX = 0x5255_0000_0000L;

  public VirtualNet {
    servers = Set.copyOf(servers);
  }

  /** QEMU's default: 10.0.2.0/24 with .2, .3 and .4. */
  public static VirtualNet standard() {
    return of(
        IpAddr.parse("10.0.2.0"),
        24,
        IpAddr.parse("10.0.2.2"),
        IpAddr.parse("10.0.2.3"),
        Set.of(IpAddr.parse("10.0.2.4")));
  }

  /** The same with a prefix length. */
  public static VirtualNet of(
      IpAddr network, int prefixLength, IpAddr gateway, IpAddr dns, Set<IpAddr> servers) {
    int mask = prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
    return new VirtualNet(network, mask, gateway, dns, servers);
  }

  /** Whether the net has a broadcast and a network address: not with 31 or 32 bits (RFC 3021). */
  public boolean hasBroadcast() {
    return Integer.compareUnsigned(~mask, 1) > 0;
  }

  public int broadcast() {
    return network.v4() | ~mask;
  }

  /** Whether the address lies in the net, ours or not. */
  public boolean contains(int address) {
    return (address & mask) == network.v4();
  }

  /** Whether one of our stations has the address. */
  public boolean isOurs(int address) {
    return address == gateway.v4()
        || address == dns.v4()
        || (!servers.isEmpty() && servers.contains(IpAddr.v4(address)));
  }

  /** Whether a guest may have the address: in the net, not ours, neither its first nor its last. */
  public boolean isGuest(int address) {
    return contains(address)
        && !isOurs(address)
        && (!hasBroadcast() || (address != network.v4() && address != broadcast()));
  }

  /** The Ethernet address of one of our stations. */
  public static long macOf(int address) {
    return MAC_PREFIX | (address & 0xffff_ffffL);
  }

  /** Whether one of our stations has the Ethernet address. */
  public boolean isOurMac(long mac) {
    return (mac & 0xffff_0000_0000L) == MAC_PREFIX && isOurs((int) mac);
  }
}
