package dev.dunlin.core.net;

import dev.dunlin.core.cli.Identifiers;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * {@code filter-dump,id=ID,netdev=ID,file=PATH}, checked as QEMU checks it (qapi/qom.json,
 * net/filter.c, net/dump.c).
 *
 * @param queue which frames are recorded: {@code tx} those that the netdev sends, {@code rx} those
 *     that it gets, {@code all} both
 */
record FilterSpec(
    String id,
    String netdev,
    String file,
    long maxLength,
    String position,
    String status,
    String insert,
    String queue) {

  static final String TYPE = "filter-dump";

  private static final int DEFAULT_LENGTH = 65536;
  private static final Set<String> KEYS =
      Set.of("qom-type", "id", "netdev", "file", "maxlen", "position", "status", "insert", "queue");

  static FilterSpec read(KeyValueList options) throws OptionException {
    String id = options.required("id");
    Identifiers.check("id", id);
    String netdev = options.required("netdev");
    long length = DEFAULT_LENGTH;
    if (options.has("maxlen")) {
      if (!(Numbers.parse(options.required("maxlen")) instanceof NumberText.Value value)) {
        throw new OptionException("Parameter 'maxlen' expects a uint64 value");
      }
      length = value.bits();
    }
    String queue = oneOf(options, "queue", "all", Set.of("all", "rx", "tx"));
    String insert = oneOf(options, "insert", "behind", Set.of("behind", "before"));
    String file = options.required("file");
    options.refuseUnknown(KEYS);
    return new FilterSpec(
        id,
        netdev,
        file,
        length,
        options.last("position").orElse("tail"),
        options.last("status").orElse("on"),
        insert,
        queue);
  }

  /** What QEMU finds out only when it makes the object: its words have no option before them. */
  void check() throws OptionException {
    long low = maxLength & 0xffff_ffffL;
    if (low == 0) {
      throw new OptionException("Property 'filter-dump.maxlen' doesn't take value '" + low + "'");
    }
    if (!status.equals("on") && !status.equals("off")) {
      throw new OptionException("Invalid value for netfilter status, should be 'on' or 'off'");
    }
    if (!position.equals("head") && !position.equals("tail") && !position.startsWith("id=")) {
      throw new OptionException("Parameter 'position' expects 'head', 'tail' or 'id=<id>'");
    }
  }

  boolean isOn() {
    return status.equals("on");
  }

  /** Bytes of a frame that are kept. */
  int snapLength() {
    return (int) Math.min(maxLength & 0xffff_ffffL, Integer.MAX_VALUE);
  }

  /** The filter beside which it is put, if it names one. */
  Optional<String> neighbour() {
    return position.startsWith("id=") ? Optional.of(position.substring(3)) : Optional.empty();
  }

  private static String oneOf(KeyValueList options, String key, String otherwise, Set<String> words)
      throws OptionException {
    String value = options.last(key).orElse(otherwise);
    if (!words.contains(value)) {
      throw new OptionException("Parameter '" + key + "' does not accept value '" + value + "'");
    }
    return value;
  }

  /** As {@code info network} shows it (netfilter_print_info in net/net.c). */
  String line() {
    return String.format(
        Locale.ROOT,
        "%s: type=filter-dump,file=%s,maxlen=%d,position=%s,status=%s,insert=%s,netdev=%s,queue=%s",
        id,
        file,
        snapLength(),
        position,
        status,
        insert,
        netdev,
        queue);
  }
}
