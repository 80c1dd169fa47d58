package dev.dunlin.slirp.forward;

import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.address.Ipv6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What {@code hostfwd_remove} names: {@code [tcp|udp]:[haddr]:hport}, the port in decimal only, as
 * in QEMU (hmp_hostfwd_remove in net/slirp.c); or, in Dunlin's spellings, a range of ports, an IPv6
 * address, {@code unix:/path}.
 */
public final class ForwardSelector {
  private final Predicate<HostEndpoint> matches;

  private ForwardSelector(Predicate<HostEndpoint> matches) {
    this.matches = matches;
  }

  public boolean matches(HostForward forward) {
    return matches.test(forward.endpoint());
  }

  /** Nothing when the text isn't in that form. */
  public static Optional<ForwardSelector> parse(String text) {
    RuleReader reader = new RuleReader(text);
    Optional<String> protocol = reader.upTo(':');
    if (protocol.filter("unix"::equals).isPresent()) {
      return unix(reader.rest());
    }
    boolean udp = protocol.filter("udp"::equals).isPresent();
    boolean known = udp || protocol.filter(p -> p.isEmpty() || p.equals("tcp")).isPresent();
    Optional<InetAddress> host = reader.addressUpTo(':').flatMap(ForwardSelector::address);
    Optional<PortRange> ports = decimalPorts(reader.rest());
    if (!known || host.isEmpty() || ports.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ForwardSelector(endpoint -> isAt(inetAddress(endpoint, udp), host.get(), ports.get())));
  }

  /** The address of an endpoint of this protocol. */
  private static Optional<InetSocketAddress> inetAddress(HostEndpoint endpoint, boolean udp) {
    if (udp && endpoint instanceof HostEndpoint.Udp at) {
      return Optional.of(at.address());
    }
    return !udp && endpoint instanceof HostEndpoint.Tcp at
        ? Optional.of(at.address())
        : Optional.empty();
  }

  private static Optional<ForwardSelector> unix(String path) {
    return path.startsWith("/")
        ? Optional.of(
            new ForwardSelector(
                endpoint ->
                    endpoint instanceof HostEndpoint.Unix at && at.path().equals(Path.of(path))))
        : Optional.empty();
  }

  private static boolean isAt(Optional<InetSocketAddress> at, InetAddress host, PortRange ports) {
    return at.filter(a -> a.getAddress().equals(host))
        .filter(a -> a.getPort() >= ports.first() && a.getPort() <= ports.last())
        .isPresent();
  }

  private static Optional<InetAddress> address(String field) {
    if (field.isEmpty()) {
      return Optional.of(Ipv4Address.ANY.toInetAddress());
    }
    return field.startsWith("[")
        ? RuleReader.inBrackets(field).flatMap(Ipv6Address::parse).map(Ipv6Address::toInetAddress)
        : Ipv4Address.parse(field).map(Ipv4Address::toInetAddress);
  }

  private static Optional<PortRange> decimalPorts(String text) {
    String[] ends = text.split("\\.\\.", 2);
    for (String end : ends) {
      if (!end.strip().matches("[+-]?[0-9]{1,9}")) {
        return Optional.empty();
      }
    }
    int first = Integer.parseInt(ends[0].strip());
    int last = ends.length == 2 ? Integer.parseInt(ends[1].strip()) : first;
    return Optional.of(new PortRange(first, last));
  }
}
