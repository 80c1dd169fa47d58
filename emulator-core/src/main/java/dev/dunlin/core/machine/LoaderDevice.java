package dev.dunlin.core.machine;

import dev.dunlin.core.cli.DeviceOption;
import dev.dunlin.core.cli.OptionException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code -device loader}: a file or a few bytes that every reset puts into memory
 * (hw/core/generic-loader.c, whose checks and order these are).
 *
 * @param option as written, for mistakes that only show when the file is opened
 */
public record LoaderDevice(Optional<Source> source, String option) {
  static final String DRIVER = "loader";

  private static final Set<String> PROPERTIES =
      Set.of("addr", "cpu-num", "data", "data-be", "data-len", "file", "force-raw");
  private static final int MAX_DATA = 8;

  /** What is loaded. */
  public sealed interface Source {}

  /**
   * A file: ELF and Intel HEX go where they say, anything else (or with {@code forceRaw} these too)
   * to {@code address}.
   */
  public record File(String path, long address, boolean forceRaw) implements Source {}

  /** The first {@code length} bytes of {@code data} as it lies in memory. */
  public record Data(long address, long data, int length, boolean bigEndian) implements Source {}

  /** A raw file at a physical address, for embedders. */
  public static LoaderDevice raw(String path, long address) {
    return new LoaderDevice(Optional.of(new File(path, address, true)), "loader " + path);
  }

  /** Reads and checks the device; nothing is opened. */
  static LoaderDevice read(DeviceOption device, boolean hasCpu) throws OptionException {
    DeviceProperties properties = new DeviceProperties(device, PROPERTIES);
    long address = properties.uint64("addr").orElse(0);
    OptionalLong cpu = properties.uint32("cpu-num");
    Optional<Source> source = source(properties, address, cpu);
    // Dunlin has no program counter to set; the number is checked as for a machine of one CPU.
    if (cpu.isPresent() && !(hasCpu && cpu.getAsLong() == 0)) {
      throw properties.mistake("Specified boot CPU#" + cpu.getAsLong() + " is nonexistent");
    }
    return new LoaderDevice(source, device.option().written());
  }

  private static Optional<Source> source(
      DeviceProperties properties, long address, OptionalLong cpu) throws OptionException {
    long data = properties.uint64("data").orElse(0);
    long length = properties.uint8("data-len").orElse(0);
    boolean bigEndian = properties.bool("data-be");
    boolean forceRaw = properties.bool("force-raw");
    Optional<String> file = properties.text("file");
    if (data != 0 || length != 0 || bigEndian) {
      checkData(properties, file, forceRaw, length);
      return Optional.of(new Data(address, data, (int) length, bigEndian));
    }
    if (file.isPresent() || forceRaw) {
      return file.map(path -> new File(path, address, forceRaw));
    }
    if (address == 0) {
      throw properties.mistake("please include valid arguments");
    }
    if (cpu.isEmpty()) {
      throw properties.mistake("cpu_num must be specified when setting a program counter");
    }
    return Optional.empty();
  }

  private static void checkData(
      DeviceProperties properties, Optional<String> file, boolean forceRaw, long length)
      throws OptionException {
    if (file.isPresent()) {
      throw properties.mistake("Specifying a file is not supported when loading memory values");
    }
    if (forceRaw) {
      throw properties.mistake("Specifying force-raw is not supported when loading memory values");
    }
    if (length == 0) {
      throw properties.mistake("Both data and data-len must be specified");
    }
    if (length > MAX_DATA) {
      throw properties.mistake("data-len cannot be greater then 8 bytes");
    }
  }
}
