package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.address.Ipv6Address;
import dev.dunlin.slirp.forward.GuestForwardRule;
import dev.dunlin.slirp.forward.HostForwardRule;
import dev.dunlin.slirp.smb.SmbSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Every option of a user network, with its defaults filled in and its rules checked.
 *
 * @param mtu the longest IP packet that the guest is sent, in bytes
 */
public record SlirpConfig(
    Ipv4 ipv4,
    Ipv6 ipv6,
    boolean restrict,
    int mtu,
    Optional<String> hostname,
    Optional<String> domainName,
    ImmutableList<String> dnsSearch,
    Tftp tftp,
    Optional<Smb> smb,
    ImmutableList<HostForwardRule> hostForwards,
    ImmutableList<GuestForwardRule> guestForwards,
    Reach reach) {

  /** Ethernet's. */
  public static final int STANDARD_MTU = 1500;

  /** What every link must carry (RFC 791 section 3.2). */
  public static final int LEAST_MTU = 68;

  /** With its Ethernet header such a packet is 65,535 bytes: Linux's bound for a TAP. */
  public static final int MOST_MTU = 65_521;

  /**
   * The IPv4 side; the addresses are there even when it is switched off.
   *
   * @param mask ones where the network's bits are; need not be contiguous
   */
  public record Ipv4(
      boolean enabled,
      Ipv4Address network,
      int mask,
      Ipv4Address host,
      Ipv4Address dns,
      Ipv4Address dhcpStart) {

    public boolean contains(Ipv4Address address) {
      return address.sameNetwork(network, mask);
    }

    /** {@code net} + 0.0.2.4: the share's address, and a guestfwd's when it names none. */
    public Ipv4Address defaultServer() {
      return network.withHost(0x0204, mask);
    }
  }

  /** The IPv6 side. */
  public record Ipv6(
      boolean enabled, Ipv6Address prefix, int prefixLength, Ipv6Address host, Ipv6Address dns) {}

  /** What the boot services hand out; {@code root} is served read-only. */
  public record Tftp(
      Optional<String> root, Optional<String> serverName, Optional<String> bootFile) {}

  /** What is shared, and where the guest sees it. */
  public record Smb(SmbSettings settings, Ipv4Address server) {
    /** The first directory. */
    public Path directory() {
      return settings.shares().get(0).directory();
    }
  }

  /** What {@code info network} shows. */
  public String info() {
    return "net="
        + ipv4.network()
        + ",restrict="
        + (restrict ? "on" : "off")
        + (mtu == STANDARD_MTU ? "" : ",mtu=" + mtu);
  }

  /** This network with more forwards behind its own. */
  SlirpConfig withMoreForwards(ImmutableList<HostForwardRule> more) {
    return new SlirpConfig(
        ipv4,
        ipv6,
        restrict,
        mtu,
        hostname,
        domainName,
        dnsSearch,
        tftp,
        smb,
        ImmutableList.<HostForwardRule>builder().addAll(hostForwards).addAll(more).build(),
        guestForwards,
        reach);
  }
}
