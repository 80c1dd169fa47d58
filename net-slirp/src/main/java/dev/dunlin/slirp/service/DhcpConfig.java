package dev.dunlin.slirp.service;

import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the DHCP server tells.
 *
 * @param start first address leased ({@code dhcpstart=})
 * @param mtu of the link; sent as option 26 when it isn't Ethernet's 1500
 * @param restricted {@code restrict=on}: neither router nor DNS nor routes are told
 * @param tftpServer {@code tftp-server-name=}
 * @param nextServer what {@code siaddr} says when it isn't the gateway: the resolved TFTP server
 * @param routes sent as option 121, with the default route, when there are any
 */
public record DhcpConfig(
    VirtualNet net,
    IpAddr start,
    int mtu,
    boolean restricted,
    Optional<String> hostName,
    Optional<String> domainName,
    List<String> domainSearch,
    Optional<String> tftpServer,
    Optional<IpAddr> nextServer,
    Optional<String> bootFile,
    List<Route> routes) {

  /** RFC 951's field of 128 bytes keeps one for the NUL. */
  private static final int LONGEST_BOOT_FILE = 127;

  private static final int LONGEST_TEXT = 255;

  /** A classless static route. */
  public record Route(IpAddr destination, int prefixLength, IpAddr router) {}

  public DhcpConfig {
    domainSearch = List.copyOf(domainSearch);
    routes = List.copyOf(routes);
    checkLength("hostname", hostName, LONGEST_TEXT);
    checkLength("domainname", domainName, LONGEST_TEXT);
    checkLength("tftp-server-name", tftpServer, LONGEST_TEXT);
    checkLength("bootfile", bootFile, LONGEST_BOOT_FILE);
  }

  private static void checkLength(String what, Optional<String> text, int longest) {
    if (text.isPresent() && text.get().getBytes(StandardCharsets.UTF_8).length > longest) {
      throw new IllegalArgumentException(what + " is longer than " + longest + " bytes");
    }
  }

  /**
   * The address that the first client gets: {@code start}, or the next that a guest may have. In a
   * /28, QEMU's default start is the broadcast address.
   */
  public static IpAddr firstLease(VirtualNet net, IpAddr start) {
    return DhcpLeases.pool(net, start).findFirst().map(IpAddr::v4).orElse(start);
  }

  /** All addresses that may be leased. */
  public static Set<Integer> pool(VirtualNet net, IpAddr start) {
    return DhcpLeases.pool(net, start).collect(Collectors.toUnmodifiableSet());
  }

  /** QEMU's defaults on a net: nothing optional is told. */
  public static DhcpConfig standard(VirtualNet net, IpAddr start) {
    Optional<String> none = Optional.empty();
    return new DhcpConfig(
        net, start, 1500, false, none, none, List.of(), none, Optional.empty(), none, List.of());
  }
}
