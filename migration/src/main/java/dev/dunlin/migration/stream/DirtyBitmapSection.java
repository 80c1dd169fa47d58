package dev.dunlin.migration.stream;

import java.util.function.Consumer;

/**
 * The live section of disks' dirty bitmaps, which QEMU sends when the capability {@code
 * dirty-bitmaps} is on (QEMU migration/block-dirty-bitmap.c). Read to know where it ends; it is
 * content only for who has the disks.
 *
 * <pre>
 *   chunk: flags (1, 2 or 4 bytes) [n device] [n bitmap]
 *          START: be32 granularity, flags byte
 *          BITS:  be64 first sector, be32 sectors, unless ZEROES be64 length and bytes
 * </pre>
 */
public final class DirtyBitmapSection implements SectionLoader {
  public static final String IDSTR = "dirty-bitmap";
  public static final int VERSION = 1;

  private static final int END_OF_SECTION = 0x01;
  private static final int ZEROES = 0x02;
  private static final int BITMAP_NAME = 0x04;
  private static final int DEVICE_NAME = 0x08;
  private static final int START = 0x10;
  private static final int BITS = 0x40;
  private static final int MORE_FLAGS = 0x80;

  private final Consumer<String> names;

  /** {@code names} hears DEVICE/BITMAP whenever the stream names one. */
  public DirtyBitmapSection(Consumer<String> names) {
    this.names = names;
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
    String device = "";
    for (int flags = 0; (flags & END_OF_SECTION) == 0; ) {
      flags = flags(in);
      if ((flags & DEVICE_NAME) != 0) {
        device = in.getCounted().text();
      }
      if ((flags & BITMAP_NAME) != 0) {
        names.accept(device + "/" + in.getCounted().text());
      }
      skipContent(in, flags);
      in.check();
    }
  }

  private static int flags(StreamInput in) {
    int flags = in.getByte();
    if ((flags & MORE_FLAGS) == 0) {
      return flags;
    }
    int second = in.getByte();
    return (second & MORE_FLAGS) == 0 ? second : in.getByte() << 8 | in.getByte();
  }

  private static void skipContent(StreamInput in, int flags) throws LoadException {
    if ((flags & START) != 0) {
      in.skip(4 + 1);
    }
    if ((flags & BITS) != 0) {
      in.skip(8 + 4);
      if ((flags & ZEROES) == 0) {
        long length = in.getLong();
        if (length < 0) {
          throw LoadException.of(LoadException.Kind.INVALID);
        }
        in.skip(length);
      }
    }
  }
}
