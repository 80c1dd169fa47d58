package dev.dunlin.slirp.forward;

import dev.dunlin.core.chardev.ChardevSpec;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;

/**
 * {@code guestfwd=[tcp]:[server]:port-TARGET}: a port of the virtual network that something of the
 * host's answers.
 *
 * @param server empty: the network's .4
 */
public record GuestForwardRule(String text, Optional<Ipv4Address> server, int port, Target target) {

  /** What answers. */
  public sealed interface Target {
    /** {@code cmd:LINE}: one process for each connection. */
    record Command(String line) implements Target {}

    /** One device for all connections, in the short spelling of QEMU's: {@code unix:/run/a}. */
    record Device(ChardevSpec spec) implements Target {}

    /** {@code chardev:ID}: one that {@code -chardev} made, for all connections. */
    record NamedDevice(String id) implements Target {}

    /** {@code connect:tcp:ADDRESS:PORT}, Dunlin's own: another connection for each. */
    record Tcp(IpAddr address, int port) implements Target {}

    /** {@code connect:unix:PATH}, Dunlin's own. */
    record Unix(String path) implements Target {}

    /** {@code handler:NAME}, Dunlin's own: code of the embedding program. */
    record Handler(String name) implements Target {}
  }

  /** Reads a rule; its mistakes have QEMU's words (slirp_guestfwd in net/slirp.c). */
  public static GuestForwardRule parse(String text) throws OptionException {
    RuleReader reader = new RuleReader(text);
    String protocol = need(text, reader.upTo(':'));
    if (!protocol.isEmpty() && !protocol.equals("tcp")) {
      throw invalid(text);
    }
    String server = need(text, reader.upTo(':'));
    Optional<Ipv4Address> address = Ipv4Address.parse(server);
    if (!server.isEmpty() && address.isEmpty()) {
      throw invalid(text);
    }
    int port = decimalPort(text, need(text, reader.upTo('-')));
    Target target = target(port, reader.rest());
    return new GuestForwardRule(text, address.filter(a -> !a.isAny()), port, target);
  }

  /** The id that QEMU gives the device of a rule. */
  public String label() {
    return label(port);
  }

  private static String label(int port) {
    return "guestfwd.tcp." + port;
  }

  /** What is said when the target can't be had, with the reason behind it. */
  public OptionException notOpened(String reason) {
    return notOpened(port, reason);
  }

  private static OptionException notOpened(int port, String reason) {
    return new OptionException(
        "Could not open guest forwarding device '" + label(port) + "': " + reason);
  }

  private static int decimalPort(String text, String field) throws OptionException {
    String digits = field.strip();
    if (!digits.matches("\\+?[0-9]{1,9}")) {
      throw invalid(text);
    }
    int port = Integer.parseInt(digits);
    if (port < 1 || port > 0xffff) {
      throw invalid(text);
    }
    return port;
  }

  private static Target target(int port, String text) throws OptionException {
    int colon = text.indexOf(':');
    String rest = text.substring(colon + 1);
    try {
      return switch (text.substring(0, colon + 1)) {
        case "cmd:" -> new Target.Command(rest);
        case "chardev:" -> new Target.NamedDevice(rest);
        case "handler:" -> new Target.Handler(rest);
        case "connect:" -> connection(rest);
        default -> new Target.Device(device(text));
      };
    } catch (OptionException e) {
      throw notOpened(port, String.valueOf(e.getMessage()));
    }
  }

  private static ChardevSpec device(String text) throws OptionException {
    if (text.startsWith("mon:")) {
      throw new OptionException("character device '" + text + "' is not supported");
    }
    return ChardevSyntax.parseShort(text)
        .orElseThrow(() -> new OptionException("'" + text + "' is not a valid char driver"));
  }

  /** A name would be asked of a resolver at each connection, and block it. */
  private static Target connection(String text) throws OptionException {
    if (ChardevSyntax.parseShort(text).orElse(null) instanceof ChardevSpec.Socket socket
        && !socket.server()) {
      if (socket.address() instanceof ChardevSpec.Unix unix) {
        return new Target.Unix(unix.path());
      }
      if (socket.address() instanceof ChardevSpec.Tcp tcp) {
        return tcp(tcp);
      }
    }
    throw new OptionException("'connect:' expects tcp:ADDRESS:PORT or unix:PATH");
  }

  private static Target tcp(ChardevSpec.Tcp tcp) throws OptionException {
    boolean local = tcp.host().isEmpty() || tcp.host().equals("localhost");
    String host = local ? "127.0.0.1" : tcp.host();
    int port = tcp.port().matches("[0-9]{1,5}") ? Integer.parseInt(tcp.port()) : 0;
    if (!IpAddr.isLiteral(host) || port < 1 || port > 0xffff) {
      throw new OptionException("'connect:tcp:' expects a numeric address and port");
    }
    return new Target.Tcp(IpAddr.parse(host), port);
  }

  private static String need(String text, Optional<String> field) throws OptionException {
    return field.orElseThrow(() -> invalid(text));
  }

  private static OptionException invalid(String text) {
    return new OptionException("Invalid guest forwarding rule '" + text + "'");
  }
}
