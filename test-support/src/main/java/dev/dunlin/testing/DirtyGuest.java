package dev.dunlin.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A guest for {@code qemu-system-x86_64 -kernel}: it increments the first byte of each page of a
 * range, round and round, as fast as it is told to; what {@code -device ram-writer} is to Dunlin. A
 * multiboot image without ELF, loaded at {@link #LOAD}.
 */
public final class DirtyGuest {
  /** Where it lies; nothing else of it may be written. */
  public static final long LOAD = 0x8000;

  /** Guest-physical address of its counter of pages written, 32 bits. */
  public static final long WRITTEN = LOAD + 0x30;

  private static final int PAGE = 4096;
  private static final double PIT_HZ = 1_193_182;
  private static final int MOST_TICKS = 0xffff;

  private static final int AT_START = 0x20;
  private static final int AT_END = 0x24;
  private static final int AT_BATCH = 0x28;
  private static final int AT_TICKS = 0x2c;

  private static final String CODE =
      // Header: magic, flags (addresses follow), checksum, header, load, load end, bss end, entry.
      "02b0ad1b 00000100 fe4f51e4 00800000 00800000 00000000 00000000 34800000"
          // start, end, batch, ticks; counter
          + "00000000 00000000 00000000 00000000 00000000"
          // mov start,%edi; xor %ebx,%ebx; again: mov batch,%ecx
          + "8b3d20800000 31db 8b0d28800000"
          // page: incb (%edi); add $0x1000,%edi; cmp end,%edi; jb +6; mov start,%edi
          + "fe07 81c700100000 3b3d24800000 7206 8b3d20800000"
          // inc %ebx; dec %ecx; jnz page; mov %ebx,counter
          + "43 49 75e6 891d30800000"
          // mov ticks,%ecx; test %ecx,%ecx; jz again
          + "8b0d2c800000 85c9 74d0"
          // Gate of the PIT's channel 2 on; mode 0, one shot of so many ticks.
          + "b001e661 b0b0e643 88c8e642 88e8e642"
          // wait: in $0x61,%al; test $0x20,%al; jz wait; jmp again
          + "e461a820 74fa ebb8";

  private DirtyGuest() {}

  /**
   * The image.
   *
   * @param start guest-physical; a multiple of the page size above the image
   * @param end behind the last page
   * @param bytesPerSecond memory dirtied (each write dirties a page), 0: no limit
   */
  public static byte[] image(long start, long end, long bytesPerSecond) {
    byte[] image = HexFormat.of().parseHex(CODE.replace(" ", ""));
    ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    int batch = 16;
    while (bytesPerSecond > 0 && ticks(batch, bytesPerSecond) < 1000) {
      batch *= 2;
    }
    int ticks = bytesPerSecond == 0 ? 0 : Math.min(MOST_TICKS, ticks(batch, bytesPerSecond));
    bytes.putInt(AT_START, (int) start).putInt(AT_END, (int) end);
    bytes.putInt(AT_BATCH, batch).putInt(AT_TICKS, ticks);
    return image;
  }

  /** The image in a file of this directory. */
  public static Path write(Path directory, long start, long end, long bytesPerSecond)
      throws IOException {
    return Files.write(directory.resolve("dirty-guest"), image(start, end, bytesPerSecond));
  }

  private static int ticks(int pages, long bytesPerSecond) {
    return (int) Math.min(MOST_TICKS, pages * (double) PAGE / bytesPerSecond * PIT_HZ);
  }
}
