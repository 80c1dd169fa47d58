package dev.dunlin.core.machine;

import dev.dunlin.core.cli.DeviceOption;
import dev.dunlin.core.cli.OptionException;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code -device ram-writer[,start=ADDR][,end=ADDR][,rate=SIZE]}: Dunlin's own device, a {@link
 * RamWriter}. The defaults are those of the guest in QEMU's migration test
 * (tests/migration/i386/a-b-bootblock.S): 1 MiB to 100 MiB, as fast as it goes.
 *
 * @param start guest-physical address
 * @param end guest-physical address after the range
 * @param rate memory dirtied, in bytes a second (each write dirties one page of 4 KiB); 0: no limit
 */
public record RamWriterDevice(long start, OptionalLong end, long rate) {
  static final String DRIVER = "ram-writer";

  private static final Set<String> PROPERTIES = Set.of("start", "end", "rate");
  private static final long DEFAULT_START = 1 << 20;
  private static final long DEFAULT_END = 100 << 20;

  /** Over {@code [start, end)} at full speed. */
  public static RamWriterDevice over(long start, long end) {
    return new RamWriterDevice(start, OptionalLong.of(end), 0);
  }

  /** The same, dirtying this many bytes a second. */
  public RamWriterDevice at(long bytesPerSecond) {
    return new RamWriterDevice(start, end, bytesPerSecond);
  }

  /** The end of the range on a machine with this much RAM. */
  long endFor(long ramSize) {
    return end.orElse(Math.min(DEFAULT_END, ramSize));
  }

  /** Reads and checks the device for a machine with this much RAM. */
  static RamWriterDevice read(DeviceOption device, long ramSize) throws OptionException {
    DeviceProperties properties = new DeviceProperties(device, PROPERTIES);
    RamWriterDevice writer =
        new RamWriterDevice(
            properties.size("start").orElse(DEFAULT_START),
            properties.size("end"),
            properties.size("rate").orElse(0));
    long end = writer.endFor(ramSize);
    if (Long.compareUnsigned(writer.start, end) >= 0) {
      throw properties.mistake(
          "Parameter 'end' (0x%x) must be above 'start' (0x%x)".formatted(end, writer.start));
    }
    return writer;
  }
}
