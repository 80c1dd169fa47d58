package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.cli.OptionException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A machine type and what differs between types in memory; figures as QEMU 7.2's {@code info mtree}
 * and {@code info ramblock} show them.
 *
 * @param name as in a stream's configuration section: {@code pc-i440fx-7.2}
 * @param gigabyteAligned whether RAM below 4 GiB ends at a whole GiB when there is RAM above
 *     (hw/i386/pc_piix.c, since 2.0)
 * @param firmware the default BIOS file
 * @param globalVideo whether the PCI VGA card calls its memory plainly {@code vga.vram} (up to
 *     2.12)
 * @param defaultVideoMib memory of the card that the machine has when nothing is said (a Cirrus up
 *     to 2.1 and on isapc)
 */
public record MachineType(
    String name,
    Family family,
    boolean gigabyteAligned,
    String firmware,
    boolean globalVideo,
    int defaultVideoMib) {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final String SMALL_BIOS = "bios.bin";
  private static final String LARGE_BIOS = "bios-256k.bin";

  /** Chipsets; each has its own idea of where RAM ends below 4 GiB. */
  public enum Family {
    I440FX("Standard PC (i440FX + PIIX, 1996)"),
    Q35("Standard PC (Q35 + ICH9, 2009)"),
    ISA("ISA-only PC"),
    /** qemu-kvm 0.12's {@code pc}, as its stream declares it. */
    PC_0_12("Standard PC, memory and stream as in 2010"),
    NONE("empty machine"),
    /** Holds the guest of another machine; what it consists of comes in with that guest. */
    RELAY("no machine of its own: holds a guest that comes in, whatever it is, and sends it on");

    private final String description;

    Family(String description) {
      this.description = description;
    }

    boolean isPc() {
      return this != NONE && this != RELAY;
    }

    boolean hasPci() {
      return isPc() && this != ISA;
    }
  }

  /** The type whose memory comes with the guest. */
  public static final String RELAY = "relay";

  /** The most memory that a relay takes when {@code -m} doesn't say. */
  private static final long RELAY_LIMIT = 64 * GIB;

  private static final ImmutableMap<String, String> ALIASES =
      ImmutableMap.of("pc", "pc-i440fx-7.2", "q35", "pc-q35-7.2");

  private static final ImmutableMap<String, MachineType> TYPES = allTypes();

  private static ImmutableMap<String, MachineType> allTypes() {
    ImmutableMap.Builder<String, MachineType> types = ImmutableMap.builder();
    add(types, Family.I440FX, "pc-i440fx-", "1.4 1.5 1.6 1.7", false, true, 8);
    add(types, Family.I440FX, "pc-i440fx-", "2.0 2.1", true, true, 8);
    add(types, Family.I440FX, "pc-i440fx-", "2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9", true, true, 16);
    add(types, Family.I440FX, "pc-i440fx-", "2.10 2.11 2.12", true, true, 16);
    add(types, Family.I440FX, "pc-i440fx-", "3.0 3.1 4.0 4.1 4.2 5.0 5.1 5.2", true, false, 16);
    add(types, Family.I440FX, "pc-i440fx-", "6.0 6.1 6.2 7.0 7.1 7.2", true, false, 16);
    add(types, Family.Q35, "pc-q35-", "2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12", true, true, 16);
    add(types, Family.Q35, "pc-q35-", "3.0 3.1 4.0 4.0.1 4.1 4.2 5.0 5.1 5.2", true, false, 16);
    add(types, Family.Q35, "pc-q35-", "6.0 6.1 6.2 7.0 7.1 7.2", true, false, 16);
    types.put("isapc", new MachineType("isapc", Family.ISA, false, SMALL_BIOS, true, 4));
    types.put("pc-0.12", new MachineType("pc-0.12", Family.PC_0_12, false, SMALL_BIOS, true, 16));
    types.put("none", new MachineType("none", Family.NONE, false, "", false, 0));
    types.put(RELAY, new MachineType(RELAY, Family.RELAY, false, "", false, 0));
    return types.buildOrThrow();
  }

  private static void add(
      ImmutableMap.Builder<String, MachineType> types,
      Family family,
      String prefix,
      String versions,
      boolean modern,
      boolean globalVideo,
      int videoMib) {
    for (String version : versions.split(" ", -1)) {
      String name = prefix + version;
      String firmware = modern ? LARGE_BIOS : SMALL_BIOS;
      types.put(name, new MachineType(name, family, modern, firmware, globalVideo, videoMib));
    }
  }

  /** By name or alias. */
  public static Optional<MachineType> find(String name) {
    return Optional.ofNullable(TYPES.get(ALIASES.getOrDefault(name, name)));
  }

  /** By name or alias, with QEMU's words when there is none of that name. */
  public static MachineType named(String name) throws OptionException {
    return find(name)
        .orElseThrow(
            () ->
                new OptionException(
                    "unsupported machine type\nUse -machine help to list supported machines"));
  }

  /** What {@code -machine help} prints. */
  public static String help() {
    TreeMap<String, String> lines = new TreeMap<>();
    TYPES.forEach((name, type) -> lines.put(name, type.family.description));
    ALIASES.forEach(
        (alias, name) -> lines.put(alias, lines.get(name) + " (alias of " + name + ")"));
    lines.compute(ALIASES.get("pc"), (name, description) -> description + " (default)");
    return lines.entrySet().stream()
        .map(line -> String.format("%-20s %s%n", line.getKey(), line.getValue()))
        .collect(Collectors.joining("", "Supported machines are:\n", ""));
  }

  /** What {@code -m} is when it isn't given; {@code none} then has no RAM at all. */
  public long defaultRamSize() {
    return family == Family.RELAY ? RELAY_LIMIT : family.isPc() ? 128 * MIB : 0;
  }

  /** The RAM block's name when no memory backend gives it one. */
  public String ramBlockName() {
    return family.isPc() ? "pc.ram" : "ram";
  }

  /**
   * How much of {@code ramSize} lies below 4 GiB (hw/i386/pc_piix.c and pc_q35.c).
   *
   * @param wanted the machine property max-ram-below-4g
   */
  long ramBelow4g(long ramSize, OptionalLong wanted) {
    if (!family.isPc()) {
      return ramSize;
    }
    long limit = family == Family.Q35 ? q35Limit(ramSize, wanted) : pcLimit(ramSize, wanted);
    return Math.min(ramSize, limit);
  }

  private long pcLimit(long ramSize, OptionalLong wanted) {
    long limit = wanted.orElse(3584 * MIB);
    return ramSize >= limit && gigabyteAligned ? Math.min(limit, 3 * GIB) : limit;
  }

  private static long q35Limit(long ramSize, OptionalLong wanted) {
    long limit = ramSize >= 2816 * MIB ? 2 * GIB : 2816 * MIB;
    return Math.min(limit, wanted.orElse(4 * GIB));
  }
}
