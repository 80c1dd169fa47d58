package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.ChardevSpec.Unix;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.KeyValueList.Entry;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.SocketName;
import java.util.List;
import java.util.Set;

/**
 * A SocketAddress (qapi/sockets.json) in dotted keys, {@code addr.type=inet,addr.host=…}, with the
 * words of QEMU's visitors.
 */
final class AddressReader {
  private static final Set<String> INET =
      Set.of("type", "host", "port", "numeric", "to", "ipv4", "ipv6", "keep-alive");
  private static final Set<String> UNIX = Set.of("type", "path", "abstract", "tight");
  private static final Set<String> FD = Set.of("type", "str");
  private static final Set<String> VSOCK = Set.of("type", "cid", "port");

  private final String name;
  private final KeyValueList members;

  private AddressReader(String name, KeyValueList members) {
    this.name = name;
    this.members = members;
  }

  /** Whether the options have an address of this name. */
  static boolean has(KeyValueList options, String name) {
    return options.entries().stream()
        .anyMatch(entry -> entry.key().equals(name) || entry.key().startsWith(name + "."));
  }

  /** The options without that address. */
  static KeyValueList without(KeyValueList options, String name) {
    return KeyValueList.of(
        options.entries().stream()
            .filter(entry -> !entry.key().equals(name) && !entry.key().startsWith(name + "."))
            .toList());
  }

  static Address read(KeyValueList options, String name) throws OptionException {
    if (!has(options, name)) {
      throw new OptionException("Parameter '" + name + "' is missing");
    }
    if (options.has(name)) {
      throw new OptionException("Invalid parameter type for '" + name + "', expected: object");
    }
    List<Entry> members =
        options.entries().stream()
            .filter(entry -> entry.key().startsWith(name + "."))
            .map(e -> new Entry(e.key().substring(name.length() + 1), e.value(), e.flag()))
            .toList();
    return new AddressReader(name, KeyValueList.of(members)).read();
  }

  private Address read() throws OptionException {
    String type = required("type");
    return switch (type) {
      case "inet" -> inet();
      case "unix" -> unix();
      case "fd" -> fd();
      case "vsock" -> throw vsock();
      default -> throw new OptionException("Parameter 'type' does not accept value '" + type + "'");
    };
  }

  private Address inet() throws OptionException {
    String host = required("host");
    String port = required("port");
    bool("numeric", false);
    int to = 0;
    if (members.has("to")) {
      String text = members.required("to");
      if (!(Numbers.parse(text) instanceof NumberText.Value value)) {
        throw new OptionException("Parameter '" + name + ".to' expects integer");
      }
      if (value.bits() >>> 16 != 0) {
        throw new OptionException("Parameter 'to' expects uint16_t");
      }
      to = (int) value.bits();
    }
    boolean both = !members.has("ipv4") && !members.has("ipv6");
    boolean ipv4 = bool("ipv4", both || !bool("ipv6", false));
    boolean ipv6 = bool("ipv6", both || !bool("ipv4", false));
    bool("keep-alive", false);
    refuseUnknown(INET);
    return new Tcp(host, port, to, ipv4, ipv6);
  }

  private Address unix() throws OptionException {
    String path = required("path");
    boolean isAbstract = bool("abstract", false);
    bool("tight", true);
    refuseUnknown(UNIX);
    if (isAbstract) {
      throw new OptionException("Parameter '" + name + ".abstract' is not supported: give a path");
    }
    if (!SocketName.Unix.fits(path)) {
      throw new OptionException("UNIX socket path '" + path + "' is too long");
    }
    return new Unix(path);
  }

  private Address fd() throws OptionException {
    String text = required("str");
    refuseUnknown(FD);
    return new Passed(text);
  }

  private OptionException vsock() throws OptionException {
    required("cid");
    required("port");
    refuseUnknown(VSOCK);
    return new OptionException("socket address type 'vsock' is not supported");
  }

  private String required(String member) throws OptionException {
    return members
        .last(member)
        .orElseThrow(
            () -> new OptionException("Parameter '" + name + "." + member + "' is missing"));
  }

  private boolean bool(String member, boolean otherwise) throws OptionException {
    ImmutableList<String> values = members.all(member);
    if (values.isEmpty()) {
      return otherwise;
    }
    String value = values.get(values.size() - 1);
    if (!value.equals("on") && !value.equals("off")) {
      throw new OptionException("Parameter '" + name + "." + member + "' expects 'on' or 'off'");
    }
    return value.equals("on");
  }

  private void refuseUnknown(Set<String> known) throws OptionException {
    for (Entry entry : members.entries()) {
      if (!known.contains(entry.key())) {
        throw new OptionException("Parameter '" + name + "." + entry.key() + "' is unexpected");
      }
    }
  }
}
