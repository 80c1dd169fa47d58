package dev.dunlin.slirp.forward;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.address.Ipv6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code hostfwd=[tcp|udp]:[haddr]:hport-[gaddr]:gport} or {@code unix:/path-[gaddr]:gport}. Where
 * QEMU's grammar ends, Dunlin's goes on: {@code 8000..8010} is a range of ports (then on both
 * sides), {@code [::1]} an IPv6 address, and a unix path may contain hyphens, since the guest's
 * side is what follows the last one.
 *
 * @param text as written, for messages
 * @param guest empty: the first address that DHCP leases
 */
public record HostForwardRule(
    String text,
    ImmutableList<HostEndpoint> endpoints,
    Optional<InetAddress> guest,
    PortRange guestPorts) {

  /** How many ports one rule may name; each takes a socket. */
  static final int MAX_PORTS = 1024;

  /** Reads a rule; its mistakes have QEMU's words (slirp_hostfwd in net/slirp.c). */
  public static HostForwardRule parse(String text) throws OptionException {
    RuleReader reader = new RuleReader(text);
    String protocol = need(text, reader.upTo(':'), "No : separators");
    if (protocol.equals("unix")) {
      return parseUnix(text, reader.rest());
    }
    checkProtocol(text, protocol);
    String host = need(text, reader.addressUpTo(':'), "Missing : separator");
    return parsePorts(text, protocol, host, '-', reader);
  }

  /**
   * {@code -redir [tcp|udp]:hport:[gaddr]:gport}, the spelling of QEMU before 0.12: it listens on
   * every address.
   */
  public static HostForwardRule parseRedirection(String text) throws OptionException {
    RuleReader reader = new RuleReader(text);
    String protocol = need(text, reader.upTo(':'), "No : separators");
    checkProtocol(text, protocol);
    return parsePorts(text, protocol, "", ':', reader);
  }

  private static void checkProtocol(String text, String protocol) throws OptionException {
    if (!protocol.isEmpty() && !protocol.equals("tcp") && !protocol.equals("udp")) {
      throw mistake(text, "Bad protocol name");
    }
  }

  private static HostForwardRule parsePorts(
      String text, String protocol, String host, char separator, RuleReader reader)
      throws OptionException {
    InetAddress hostAddress = address(text, host, "Bad host address");
    String hostPort = need(text, reader.upTo(separator), "Bad host port separator");
    PortRange hostPorts =
        PortRange.parse(hostPort, 0).orElseThrow(() -> mistake(text, "Bad host port"));
    if (hostPorts.count() > MAX_PORTS) {
      throw mistake(text, "More than " + MAX_PORTS + " host ports");
    }
    ImmutableList.Builder<HostEndpoint> endpoints = ImmutableList.builder();
    for (int port = hostPorts.first(); port <= hostPorts.last(); port++) {
      InetSocketAddress at = new InetSocketAddress(hostAddress, port);
      endpoints.add(protocol.equals("udp") ? new HostEndpoint.Udp(at) : new HostEndpoint.Tcp(at));
    }
    return guestSide(text, reader, endpoints.build());
  }

  private static HostForwardRule parseUnix(String text, String rest) throws OptionException {
    int hyphen = rest.lastIndexOf('-');
    if (hyphen < 0) {
      throw mistake(text, "Bad host port separator");
    }
    String path = rest.substring(0, hyphen);
    if (!path.startsWith("/") || path.length() > 107) {
      throw mistake(text, "Bad unix socket path");
    }
    try {
      return guestSide(
          text,
          new RuleReader(rest.substring(hyphen + 1)),
          ImmutableList.of(new HostEndpoint.Unix(Path.of(path))));
    } catch (InvalidPathException e) {
      throw mistake(text, "Bad unix socket path");
    }
  }

  private static HostForwardRule guestSide(
      String text, RuleReader reader, ImmutableList<HostEndpoint> endpoints)
      throws OptionException {
    String guest = need(text, reader.addressUpTo(':'), "Missing guest address");
    InetAddress guestAddress = address(text, guest, "Bad guest address");
    PortRange ports =
        PortRange.parse(reader.rest(), 1).orElseThrow(() -> mistake(text, "Bad guest port"));
    if (ports.count() != endpoints.size()) {
      throw mistake(text, "Guest ports are not as many as host ports");
    }
    boolean unnamed = guestAddress.isAnyLocalAddress();
    return new HostForwardRule(
        text, endpoints, unnamed ? Optional.empty() : Optional.of(guestAddress), ports);
  }

  /** The guest's port for the n-th endpoint. */
  public int guestPort(int index) {
    return guestPorts.first() + index;
  }

  private static InetAddress address(String text, String field, String reason)
      throws OptionException {
    if (field.isEmpty()) {
      return Ipv4Address.ANY.toInetAddress();
    }
    if (field.startsWith("[")) {
      return RuleReader.inBrackets(field)
          .flatMap(Ipv6Address::parse)
          .orElseThrow(() -> mistake(text, reason))
          .toInetAddress();
    }
    return Ipv4Address.parse(field).orElseThrow(() -> mistake(text, reason)).toInetAddress();
  }

  private static String need(String text, Optional<String> field, String reason)
      throws OptionException {
    return field.orElseThrow(() -> mistake(text, reason));
  }

  private static OptionException mistake(String text, String reason) {
    return new OptionException("Invalid host forwarding rule '" + text + "' (" + reason + ")");
  }
}
