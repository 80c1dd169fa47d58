package dev.dunlin.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Memory that a guest writes page by page, round and round, one more into the first byte of each:
 * {@link DirtyGuest} or {@code -device ram-writer}. At any instant all pages of such memory were
 * written equally often, but that those before the one whose turn it is have been once more. So a
 * copy that mixes instants, or lacks a page's last content, shows.
 */
public final class WrittenPages {
  private static final int PAGE = 4096;

  private WrittenPages() {}

  /** Fills a file with what the memory is to hold first: random bytes, 0 in each first one. */
  public static void fill(Path file, int pages) throws IOException {
    SplittableRandom random = new SplittableRandom(pages);
    byte[] page = new byte[PAGE];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < pages; i++) {
        random.nextBytes(page);
        page[0] = 0;
        out.write(page);
      }
    }
  }

  /**
   * Checks memory that was filled with {@code first} and then written, fewer than 256 times.
   *
   * @param memory a file with all of the range and no more
   * @return how many writes it holds
   * @throws AssertionError when it never looked like this
   */
  public static long count(Path first, Path memory) throws IOException {
    try (FileChannel before = FileChannel.open(first);
        FileChannel after = FileChannel.open(memory)) {
      if (before.size() != after.size()) {
        throw new AssertionError("%d bytes, not %d".formatted(after.size(), before.size()));
      }
      return count(
          before.map(FileChannel.MapMode.READ_ONLY, 0, before.size()),
          after.map(FileChannel.MapMode.READ_ONLY, 0, after.size()));
    }
  }

  private static long count(ByteBuffer before, ByteBuffer after) {
    long writes = 0;
    int steps = 0;
    int last = after.get(0) & 0xff;
    for (int at = 0; at < after.capacity(); at += PAGE) {
      int now = after.get(at) & 0xff;
      if (now != last && (now != last - 1 || ++steps > 1)) {
        throw new AssertionError(
            "page %d was written %d times, the one before %d times"
                .formatted(at / PAGE, now, last));
      }
      if (!before.slice(at + 1, PAGE - 1).equals(after.slice(at + 1, PAGE - 1))) {
        throw new AssertionError("page %d isn't what it was".formatted(at / PAGE));
      }
      last = now;
      writes += now;
    }
    return writes;
  }
}
