package dev.dunlin.migration.ram;

import java.util.Arrays;

/**
 * Which pages of one block are still to be sent. Owned by the migration thread, which waits while a
 * safepoint sets bits, so nothing here is atomic. Found in runs, since RAM is dirtied in runs.
 */
final class SendBitmap {
  private final long[] words;
  private final long pages;
  private long count;

  SendBitmap(long pages) {
    this.pages = pages;
    this.words = new long[Math.toIntExact((pages + 63) >>> 6)];
  }

  long pages() {
    return pages;
  }

  /** Number of pages still to be sent. */
  long count() {
    return count;
  }

  void setAll() {
    Arrays.fill(words, -1L);
    int tail = (int) (pages & 63);
    if (tail != 0) {
      words[words.length - 1] = -1L >>> (64 - tail);
    }
    count = pages;
  }

  /** Sets [from, to). */
  void set(long from, long to) {
    for (long page = from; page < to; ) {
      int index = (int) (page >>> 6);
      long mask = mask(page, to);
      count += Long.bitCount(mask & ~words[index]);
      words[index] |= mask;
      page = (page | 63) + 1;
    }
  }

  /** Clears [from, to). */
  void clear(long from, long to) {
    for (long page = from; page < to; ) {
      int index = (int) (page >>> 6);
      long mask = mask(page, to);
      count -= Long.bitCount(mask & words[index]);
      words[index] &= ~mask;
      page = (page | 63) + 1;
    }
  }

  /** The first page to be sent at or after {@code from}, or {@link #pages}. */
  long nextSet(long from) {
    return next(from, 0L);
  }

  /** The first page not to be sent at or after {@code from}, or {@link #pages}. */
  long nextClear(long from) {
    return next(from, -1L);
  }

  private long next(long from, long flip) {
    if (from >= pages) {
      return pages;
    }
    int index = (int) (from >>> 6);
    long word = (words[index] ^ flip) & (-1L << from);
    while (word == 0) {
      if (++index == words.length) {
        return pages;
      }
      word = words[index] ^ flip;
    }
    return Math.min(pages, ((long) index << 6) + Long.numberOfTrailingZeros(word));
  }

  /** The bits of {@code page}'s word from {@code page} on and before {@code to}. */
  private static long mask(long page, long to) {
    long mask = -1L << page;
    boolean endsHere = (page | 63) >= to - 1;
    return endsHere ? mask & (-1L >>> -to) : mask;
  }
}
