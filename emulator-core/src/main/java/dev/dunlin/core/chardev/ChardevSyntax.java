package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.chardev.ChardevSpec.Socket;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.ChardevSpec.Unix;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.SocketName;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Both spellings of a character device: {@code -chardev socket,id=mon,path=/tmp/mon,server=on} and
 * the short {@code unix:/tmp/mon,server,nowait} of {@code -monitor} (qemu_chr_new_from_opts and
 * qemu_chr_parse_compat in chardev/char.c), with QEMU's words for what is wrong.
 */
public final class ChardevSyntax {
  private static final ImmutableSet<String> SWITCHES =
      ImmutableSet.of(
          "server",
          "wait",
          "telnet",
          "nodelay",
          "delay",
          "signal",
          "append",
          "ipv4",
          "ipv6",
          "mux",
          "tn3270",
          "websocket",
          "logappend",
          "abstract",
          "tight");
  private static final ImmutableSet<String> NUMBERS = ImmutableSet.of("reconnect", "to");
  private static final ImmutableSet<String> STRINGS =
      ImmutableSet.of("backend", "id", "path", "host", "port", "fd", "size", "logfile");
  private static final ImmutableSet<String> KEYS =
      ImmutableSet.<String>builder().addAll(SWITCHES).addAll(NUMBERS).addAll(STRINGS).build();
  private static final ImmutableSet<String> DRIVERS =
      ImmutableSet.of(
          "socket", "stdio", "file", "null", "pipe", "ringbuf", "memory", "pty", "serial", "tty");

  /** Drivers of QEMU that need what isn't here. */
  private static final ImmutableSet<String> ABSENT =
      ImmutableSet.of(
          "udp",
          "parallel",
          "parport",
          "mux",
          "vc",
          "msmouse",
          "wctablet",
          "testdev",
          "spicevmc",
          "spiceport",
          "qemu-vdagent",
          "braille");

  private static final Pattern ENDPOINT =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]*\\]|[^\\[:,][^:,]*|):([^,]+)(?:,(.*))?");
  private static final int DEFAULT_RING = 64 * 1024;

  private ChardevSyntax() {}

  /** A device with its id, from {@code -chardev} or {@code chardev-add}. */
  public record Named(String id, ChardevSpec spec) {}

  /** {@code -chardev BACKEND,id=ID,…}. */
  public static Named parseOption(String text) throws OptionException {
    KeyValueList options = checked(KeyValueList.parse(text, "backend"));
    Optional<String> id = options.id();
    Optional<String> backend = options.last("backend");
    if (backend.isEmpty()) {
      throw new OptionException(
          id.map(name -> "chardev: \"" + name + "\" missing backend")
              .orElse("chardev: no id specified"));
    }
    String driver = backend.get();
    if (ABSENT.contains(driver)) {
      throw new OptionException("chardev backend '" + driver + "' is not supported");
    }
    if (!DRIVERS.contains(driver)) {
      throw new OptionException("'" + driver + "' is not a valid char driver name");
    }
    if (id.isEmpty()) {
      throw new OptionException("chardev: no id specified");
    }
    return new Named(id.get(), fromOptions(driver, options));
  }

  /** A device whose driver and options are known, from QMP's {@code chardev-add}. */
  public static Named read(String id, String driver, KeyValueList options) throws OptionException {
    return new Named(id, fromOptions(driver, checked(options)));
  }

  /** The short form; empty for {@code none}. */
  public static Optional<ChardevSpec> parseShort(String text) throws OptionException {
    if (text.startsWith("mon:")) {
      String device = text.substring(4);
      return device.equals("stdio")
          ? Optional.of(new ChardevSpec.Stdio(false))
          : parseShort(device);
    }
    return switch (text) {
      case "none" -> Optional.empty();
      case "null" -> Optional.of(new ChardevSpec.Null());
      case "stdio" -> Optional.of(new ChardevSpec.Stdio(true));
      case "pty" -> Optional.of(new ChardevSpec.Pty());
      default -> Optional.of(parseShortWithArgument(text));
    };
  }

  private static ChardevSpec parseShortWithArgument(String text) throws OptionException {
    int colon = text.indexOf(':');
    String driver = colon < 0 ? text : text.substring(0, colon);
    String rest = colon < 0 ? "" : text.substring(colon + 1);
    if (text.startsWith("/dev/") && !text.startsWith("/dev/parport")) {
      return new ChardevSpec.Serial(text);
    }
    if (ABSENT.contains(driver) || driver.startsWith("/dev/")) {
      throw new OptionException("character device '" + text + "' is not supported");
    }
    if (colon < 0) {
      throw notADriver(text);
    }
    return switch (driver) {
      case "unix" -> shortUnix(rest);
      case "tcp", "telnet" -> shortTcp(text, driver, rest);
      case "file" -> new ChardevSpec.File(rest, false);
      case "pipe" -> new ChardevSpec.Pipe(rest);
      case "fd" -> new Socket(new Passed(rest), false, false, false, false, Duration.ZERO);
      default -> throw notADriver(text);
    };
  }

  private static ChardevSpec shortUnix(String rest) throws OptionException {
    KeyValueList options = checked(KeyValueList.parse(rest, "path"));
    if (options.last("path").orElse("").isEmpty()) {
      throw new OptionException("chardev: socket: no path given");
    }
    return socket(options);
  }

  private static ChardevSpec shortTcp(String text, String driver, String rest)
      throws OptionException {
    Matcher endpoint = ENDPOINT.matcher(rest);
    if (!endpoint.matches()) {
      throw new OptionException("parse error: " + text);
    }
    KeyValueList options = KeyValueList.parse(Optional.ofNullable(endpoint.group(3)).orElse(""));
    String host = endpoint.group(1);
    boolean bracketed = host.startsWith("[");
    return socket(
        checked(options)
            .with("host", bracketed ? host.substring(1, host.length() - 1) : host)
            .with("port", endpoint.group(2))
            .with(
                "telnet", driver.equals("telnet") || options.bool("telnet", false) ? "on" : "off"));
  }

  private static ChardevSpec fromOptions(String driver, KeyValueList options)
      throws OptionException {
    Optional<String> path = options.last("path");
    return switch (driver) {
      case "stdio" -> new ChardevSpec.Stdio(options.bool("signal", true));
      case "null" -> new ChardevSpec.Null();
      case "socket" -> socket(options);
      case "ringbuf", "memory" -> ringbuf(options);
      case "pty" -> new ChardevSpec.Pty();
      case "serial", "tty" ->
          new ChardevSpec.Serial(required(path, "chardev: serial/tty: no device path given"));
      case "file" ->
          new ChardevSpec.File(
              required(path, "chardev: file: no filename given"), options.bool("append", false));
      default -> new ChardevSpec.Pipe(required(path, "chardev: pipe: no device path given"));
    };
  }

  private static ChardevSpec ringbuf(KeyValueList options) throws OptionException {
    OptionalLong size = options.size("size");
    long bytes = size.orElse(DEFAULT_RING);
    if (Long.bitCount(bytes) != 1 || bytes < 0) {
      throw new OptionException("size of ringbuf chardev must be power of two");
    }
    if (bytes > 1 << 30) {
      throw new OptionException("size of ringbuf chardev must be at most 1 GiB");
    }
    return new ChardevSpec.Ringbuf((int) bytes);
  }

  private static Socket socket(KeyValueList options) throws OptionException {
    boolean server = options.bool("server", false);
    boolean telnet = options.bool("telnet", false);
    long reconnect = options.number("reconnect").orElse(0);
    Address address = address(options);
    if (server && reconnect != 0) {
      throw new OptionException(
          "'reconnect' option is incompatible with socket in server listen mode");
    }
    if (!server && options.has("wait")) {
      throw new OptionException("'wait' option is incompatible with socket in client connect mode");
    }
    if (reconnect < 0 || reconnect > Integer.MAX_VALUE) {
      throw new OptionException("Parameter 'reconnect' expects a number of seconds");
    }
    boolean waits = server && options.bool("wait", true);
    boolean noDelay = options.bool("nodelay", !options.bool("delay", true));
    return new Socket(address, server, waits, telnet, noDelay, Duration.ofSeconds(reconnect));
  }

  private static Address address(KeyValueList options) throws OptionException {
    Optional<String> path = options.last("path");
    Optional<String> fd = options.last("fd");
    Optional<String> host = options.last("host");
    if (path.isPresent() && (fd.isPresent() || host.isPresent())
        || fd.isPresent() && host.isPresent()) {
      throw new OptionException("None or one of 'path', 'fd' or 'host' option required.");
    }
    if (path.isPresent()) {
      return unix(path.get());
    }
    if (host.isPresent() || options.has("port")) {
      return tcp(host.orElse(""), options);
    }
    // Without any of them QEMU looks for a descriptor without a name, and says so.
    return new Passed(fd.orElse(""));
  }

  private static Unix unix(String path) throws OptionException {
    if (!SocketName.Unix.fits(path)) {
      throw new OptionException(
          "UNIX socket path '" + path + "' is too long\nPath must be less than 108 bytes");
    }
    return new Unix(path);
  }

  private static Tcp tcp(String host, KeyValueList options) throws OptionException {
    String port = required(options.last("port"), "chardev: socket: no port given");
    boolean four = options.bool("ipv4", !options.bool("ipv6", false));
    boolean six = options.bool("ipv6", !options.bool("ipv4", false));
    if (!four && !six) {
      throw new OptionException("Cannot disable IPv4 and IPv6 at same time");
    }
    long last = Math.max(0, Math.min(65535, options.number("to").orElse(0)));
    return new Tcp(host, port, (int) last, four, six);
  }

  /** Unknown keys and values that aren't what their key wants, whichever comes first. */
  private static KeyValueList checked(KeyValueList options) throws OptionException {
    for (KeyValueList.Entry entry : options.entries()) {
      if (!KEYS.contains(entry.key())) {
        throw new OptionException("Invalid parameter '" + entry.key() + "'");
      }
      if (SWITCHES.contains(entry.key())) {
        options.bool(entry.key(), false);
      } else if (NUMBERS.contains(entry.key())) {
        options.number(entry.key());
      }
    }
    for (String absent : new String[] {"tn3270", "websocket", "abstract"}) {
      if (options.bool(absent, false)) {
        throw new OptionException("Parameter '" + absent + "' is not supported");
      }
    }
    if (options.has("logfile")) {
      throw new OptionException("Parameter 'logfile' is not supported");
    }
    return options;
  }

  private static String required(Optional<String> value, String otherwise) throws OptionException {
    return value.orElseThrow(() -> new OptionException(otherwise));
  }

  private static OptionException notADriver(String text) {
    return new OptionException("'" + text + "' is not a valid char driver");
  }
}
