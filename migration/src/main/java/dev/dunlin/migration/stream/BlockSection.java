package dev.dunlin.migration.stream;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * The live section of disks, of which Dunlin has none: qemu-kvm 0.12 sent it empty in every round,
 * QEMU 7.2 does with {@code migrate -b} (QEMU migration/block.c).
 */
public final class BlockSection implements SectionLoader {
  public static final String IDSTR = "block";
  public static final int VERSION = 1;

  private static final int SECTOR_BITS = 9;
  private static final int SECTOR_MASK = (1 << SECTOR_BITS) - 1;
  private static final int DEVICE_BLOCK = 0x01;
  private static final int END_OF_SECTION = 0x02;
  private static final int PROGRESS = 0x04;
  private static final int ZERO_BLOCK = 0x08;
  private static final int CHUNK = 1 << 20;
  private static final long ALL_DONE = 100;

  private final Disks disks;
  private final Consumer<String> warnings;

  /** Whom chunks of disks are told. */
  @FunctionalInterface
  public interface Disks {
    /**
     * A chunk whose content, unless it is all zero, has been passed by.
     *
     * @param sector of 512 bytes
     */
    void chunk(String device, long sector, boolean zero) throws LoadException;
  }

  /** For a machine without disks: a chunk of one is refused. */
  public BlockSection(Consumer<String> warnings) {
    this.warnings = warnings;
    this.disks =
        (device, sector, zero) -> {
          warnings.accept("Error unknown block device " + device);
          throw LoadException.of(LoadException.Kind.INVALID);
        };
  }

  /** For who only looks on. */
  public BlockSection(Disks disks) {
    this.disks = disks;
    this.warnings = line -> {};
  }

  /** The content of START, PART and END alike: nothing to tell. */
  public static void saveEmpty(StreamOutput out) throws IOException {
    out.putLong(END_OF_SECTION);
  }

  /** QEMU 7.2's PART and END say first that 100 % are done. */
  public static void saveProgress(StreamOutput out) throws IOException {
    out.putLong(ALL_DONE << SECTOR_BITS | PROGRESS);
    out.putLong(END_OF_SECTION);
  }

  @Override
  public String idstr() {
    return IDSTR;
  }

  @Override
  public int instance() {
    return 0;
  }

  @Override
  public int version() {
    return VERSION;
  }

  @Override
  public void load(StreamInput in, int version) throws LoadException {
    for (int flags = 0; (flags & END_OF_SECTION) == 0; ) {
      long word = in.getLong();
      flags = (int) (word & SECTOR_MASK);
      if ((flags & DEVICE_BLOCK) != 0) {
        chunk(in, word >>> SECTOR_BITS, (flags & ZERO_BLOCK) != 0);
        continue;
      }
      if ((flags & (PROGRESS | END_OF_SECTION)) == 0) {
        warnings.accept("Unknown block migration flags: 0x%x".formatted(flags));
        throw LoadException.of(LoadException.Kind.INVALID);
      }
      in.check();
    }
  }

  private void chunk(StreamInput in, long sector, boolean zero) throws LoadException {
    String device = in.getCounted().text();
    disks.chunk(device, sector, zero);
    if (!zero) {
      in.skip(CHUNK);
    }
    in.check();
  }
}
