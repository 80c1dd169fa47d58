package dev.dunlin.migration.channel;

import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Sizes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A migration address as QEMU spells it (migration/migration.c, util/qemu-sockets.c), checked as
 * far as that goes without opening anything.
 */
public sealed interface ChannelUri {

  /** {@code exec:COMMAND}, given to {@code /bin/sh -c}. */
  record Exec(String command) implements ChannelUri {}

  /** {@code fd:NAME}, or a number where that is allowed. */
  record Descriptor(String name) implements ChannelUri {}

  /** {@code unix:PATH}. */
  record Unix(String path) implements ChannelUri {}

  /** {@code tcp:HOST:PORT}; the host may be empty, the port is as written. */
  record Tcp(String host, String port, Optional<Boolean> ipv4, Optional<Boolean> ipv6)
      implements ChannelUri {}

  /** {@code file:PATH[,offset=N]}, a spelling of QEMU 8.2. */
  record File(String path, long offset) implements ChannelUri {}

  /** The transport isn't one of ours; outgoing and incoming have different words for it. */
  final class UnknownTransport extends ChannelException {
    private static final long serialVersionUID = 1;

    UnknownTransport(String uri) {
      super("unknown migration protocol: " + uri);
    }
  }

  /** Parses; the message of what it throws is QEMU's. */
  static ChannelUri parse(String uri) throws ChannelException {
    int colon = uri.indexOf(':');
    String rest = uri.substring(colon + 1);
    return switch (colon < 0 ? "" : uri.substring(0, colon)) {
      case "exec" -> new Exec(rest);
      case "fd" -> new Descriptor(rest);
      case "unix" -> unix(rest);
      case "tcp" -> InetText.parse(rest);
      case "file" -> file(rest);
      default -> throw new UnknownTransport(uri);
    };
  }

  private static Unix unix(String rest) throws ChannelException {
    int comma = rest.indexOf(',');
    String path = comma < 0 ? rest : rest.substring(0, comma);
    if (path.isEmpty()) {
      throw new ChannelException("invalid Unix socket address");
    }
    return new Unix(path);
  }

  private static File file(String rest) throws ChannelException {
    int option = rest.indexOf(",offset=");
    String path = option < 0 ? rest : rest.substring(0, option);
    if (path.isEmpty()) {
      throw new ChannelException("file URI has no path");
    }
    if (option < 0) {
      return new File(path, 0);
    }
    String offset = rest.substring(option + ",offset=".length());
    if (Sizes.parse(offset) instanceof NumberText.Value value && value.bits() >= 0) {
      return new File(path, value.bits());
    }
    throw new ChannelException("file URI has bad offset " + offset + ": Invalid argument");
  }

  /** {@code HOST:PORT[,ipv4[=on|off]][,ipv6[=on|off]]}. */
  final class InetText {
    private static final Pattern NO_HOST = Pattern.compile(":([^,]{1,32})(.*)", Pattern.DOTALL);
    private static final Pattern BRACKETS =
        Pattern.compile("\\[([^\\]]{1,64})\\]:([^,]{1,32})(.*)", Pattern.DOTALL);
    private static final Pattern PLAIN =
        Pattern.compile("([^:]{1,64}):([^,]{1,32})(.*)", Pattern.DOTALL);

    private InetText() {}

    static Tcp parse(String text) throws ChannelException {
      if (text.startsWith(":")) {
        Matcher matcher = match(NO_HOST, text, "error parsing port in address '" + text + "'");
        return tcp("", matcher.group(1), matcher.group(2));
      }
      Matcher matcher =
          text.startsWith("[")
              ? match(BRACKETS, text, "error parsing IPv6 address '" + text + "'")
              : match(PLAIN, text, "error parsing address '" + text + "'");
      return tcp(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    private static Tcp tcp(String host, String port, String options) throws ChannelException {
      return new Tcp(host, port, flag(options, "ipv4"), flag(options, "ipv6"));
    }

    private static Matcher match(Pattern pattern, String text, String otherwise)
        throws ChannelException {
      Matcher matcher = pattern.matcher(text);
      if (!matcher.matches()) {
        throw new ChannelException(otherwise);
      }
      return matcher;
    }

    private static Optional<Boolean> flag(String options, String name) throws ChannelException {
      int at = options.indexOf("," + name);
      if (at < 0) {
        return Optional.empty();
      }
      String value = options.substring(at + 1 + name.length());
      int comma = value.indexOf(',');
      value = comma < 0 ? value : value.substring(0, comma);
      return switch (value) {
        case "", "=on" -> Optional.of(true);
        case "=off" -> Optional.of(false);
        default -> throw new ChannelException("error parsing '" + name + "' flag '" + value + "'");
      };
    }
  }
}
