package dev.dunlin.core.cli;

import dev.dunlin.core.cli.KeyValueList.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** {@code -m}: how much RAM. */
final class MemoryOption {
  private static final Set<String> KEYS = Set.of("size", "slots", "maxmem");

  /** QEMU rounds up to this (softmmu/vl.c). */
  private static final long GRANULE = 8192;

  /** What a PC has when nothing is said. */
  private static final long PC_DEFAULT = 128L << 20;

  /** What a user-space process can map on the hosts that Dunlin runs on. */
  private static final long LIMIT = 1L << 47;

  private MemoryOption() {}

  /** The size in bytes, or nothing when none (or 0) was given: the machine's own default. */
  static OptionalLong read(ParsedOptions options) throws OptionException {
    List<Entry> entries = new ArrayList<>();
    long size = 0;
    for (ParsedOptions.Option option : options.occurrences("m")) {
      KeyValueList list = option.read(MemoryOption::checked);
      entries.addAll(list.entries());
    }
    KeyValueList list = KeyValueList.of(entries);
    if (list.has("size")) {
      size = roundUp(sizeInMebibytes(list.last("size").orElseThrow()));
    }
    refuseHotplug(list, size);
    return size == 0 ? OptionalLong.empty() : OptionalLong.of(size);
  }

  /** Each {@code -m} alone: its keys and the form of its values. */
  private static KeyValueList checked(String text) throws OptionException {
    KeyValueList list = KeyValueList.parse(text, "size");
    list.refuseUnknown(KEYS);
    list.size("size");
    list.number("slots");
    list.size("maxmem");
    return list;
  }

  /** A size that ends in a digit is in MiB, even {@code 1.0}: QEMU appends an M to the text. */
  private static long sizeInMebibytes(String text) throws OptionException {
    char last = text.charAt(text.length() - 1);
    boolean bare = last >= '0' && last <= '9';
    return Sizes.parameter("size", bare ? text + "M" : text, 'B');
  }

  private static long roundUp(long size) throws OptionException {
    if (size < 0 || size > LIMIT) {
      throw new OptionException("ram size too large");
    }
    return (size + GRANULE - 1) / GRANULE * GRANULE;
  }

  private static void refuseHotplug(KeyValueList list, long given) throws OptionException {
    long size = given == 0 ? PC_DEFAULT : given;
    long slots = list.number("slots").orElse(0);
    if (!list.has("maxmem")) {
      if (list.has("slots")) {
        throw new OptionException("slots specified but no max-size");
      }
      return;
    }
    long maxmem = list.size("maxmem").orElseThrow();
    if (Long.compareUnsigned(maxmem, size) < 0) {
      throw new OptionException(
          "invalid value of maxmem: maximum memory size (0x"
              + Long.toHexString(maxmem)
              + ") must be at least the initial memory size (0x"
              + Long.toHexString(size)
              + ")");
    }
    if (maxmem != size) {
      throw new OptionException("a larger maxmem is not supported: RAM can't be added later");
    }
    if (slots != 0) {
      throw new OptionException(
          "invalid value of maxmem: memory slots were specified but maximum memory size (0x"
              + Long.toHexString(maxmem)
              + ") is equal to the initial memory size (0x"
              + Long.toHexString(size)
              + ")");
    }
  }
}
