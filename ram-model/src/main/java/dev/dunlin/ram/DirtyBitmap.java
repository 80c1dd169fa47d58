package dev.dunlin.ram;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * One bit a page: set by whoever writes guest memory, read and cleared by one client (migration, a
 * display, an embedder's own). All methods may be called from any thread.
 *
 * <p>Why there are full fences: a writer stores bytes and then looks at the bit; a harvester clears
 * the bit and then looks at the bytes. Unless each side's store is visible before its load, both
 * can see the other's old value, and the write is lost: the writer skips a bit that seems set, the
 * harvester saves bytes that seem old. (QEMU sets the bit unconditionally with an atomic or, which
 * is a full barrier as well: include/exec/ram_addr.h.) With the fence, setting a bit that is
 * already set never takes the cache line away from other writers.
 */
public final class DirtyBitmap {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] words;
  private final long pages;
  private final int pageShift;

  /** A clear bitmap for {@code length} bytes in pages of {@code 1 << pageShift}. */
  public DirtyBitmap(long length, int pageShift) {
    this.pageShift = pageShift;
    this.pages = (length + (1L << pageShift) - 1) >>> pageShift;
    this.words = new long[Math.toIntExact((pages + 63) >>> 6)];
  }

  public long pages() {
    return pages;
  }

  public int pageShift() {
    return pageShift;
  }

  /** Marks every page that the byte range touches. Call it after the bytes are in place. */
  public void mark(long offset, long length) {
    VarHandle.fullFence();
    markAfterFence(offset, length);
  }

  /** For a caller that has put a full fence between the bytes and this call. */
  void markAfterFence(long offset, long length) {
    if (length > 0) {
      setPages(offset >>> pageShift, ((offset + length - 1) >>> pageShift) + 1);
    }
  }

  public void markAll() {
    VarHandle.fullFence();
    setPages(0, pages);
  }

  /** Sets the bits of pages {@code [first, end)}. */
  public void markPages(long first, long end) {
    VarHandle.fullFence();
    setPages(first, end);
  }

  /** Clears the bits of pages {@code [first, end)}, whatever they were. */
  public void clearPages(long first, long end) {
    checkRange(first, end);
    for (long page = first; page < end; page = nextWord(page)) {
      WORD.getAndBitwiseAnd(words, (int) (page >>> 6), ~maskOf(page, end));
    }
    VarHandle.fullFence();
  }

  /** Whether the page's bit is set. */
  public boolean isDirty(long page) {
    return (wordAt((int) (page >>> 6)) >>> page & 1) != 0;
  }

  /** Clears the page's bit and says whether it was set; atomic. Read the page only afterwards. */
  public boolean testAndClear(long page) {
    long bit = 1L << page;
    boolean wasSet = ((long) WORD.getAndBitwiseAnd(words, (int) (page >>> 6), ~bit) & bit) != 0;
    VarHandle.fullFence();
    return wasSet;
  }

  /** The first dirty page at or after {@code from}, or {@link #pages()}. */
  public long nextDirty(long from) {
    return next(from, 0L);
  }

  /** The first clean page at or after {@code from}, or {@link #pages()}. */
  public long nextClean(long from) {
    return next(from, -1L);
  }

  /** Number of dirty pages now. */
  public long count() {
    long sum = 0;
    for (int i = 0; i < words.length; i++) {
      sum += Long.bitCount(wordAt(i));
    }
    return sum;
  }

  /**
   * Reads and clears pages {@code [first, end)}, each word atomically, and hands out what was dirty
   * as runs, joined across words. A page marked meanwhile is in a run or still marked afterwards.
   * Each run is handed out after its bits are clear, so its bytes may be read at once.
   *
   * @return how many pages were dirty
   */
  public long harvest(long first, long end, Runs runs) {
    checkRange(first, end);
    RunJoiner joiner = new RunJoiner(runs);
    for (long page = first; page < end; page = nextWord(page)) {
      int index = (int) (page >>> 6);
      long mask = maskOf(page, end);
      if ((wordAt(index) & mask) != 0) {
        long taken = (long) WORD.getAndBitwiseAnd(words, index, ~mask) & mask;
        VarHandle.fullFence();
        joiner.add((long) index << 6, taken);
      }
    }
    joiner.finish();
    return joiner.total;
  }

  /** Reads and clears every page; see {@link #harvest(long, long, Runs)}. */
  public long harvest(Runs runs) {
    return harvest(0, pages, runs);
  }

  /**
   * Moves every set bit of this bitmap into {@code into} (same geometry), clearing it here: each
   * word is read and cleared atomically. Returns how many pages became dirty in {@code into} that
   * were clean there before.
   */
  public long drainInto(DirtyBitmap into) {
    checkArgument(into.pages == pages && into.pageShift == pageShift, "bitmaps differ in geometry");
    long fresh = 0;
    for (int i = 0; i < words.length; i++) {
      if (wordAt(i) == 0) {
        continue;
      }
      long taken = (long) WORD.getAndSet(words, i, 0L);
      long before = (long) WORD.getAndBitwiseOr(into.words, i, taken);
      fresh += Long.bitCount(taken & ~before);
    }
    VarHandle.fullFence();
    return fresh;
  }

  /** Receives runs of dirty pages in ascending order. */
  @FunctionalInterface
  public interface Runs {
    void run(long firstPage, long pageCount);
  }

  private long next(long from, long flip) {
    if (from >= pages) {
      return pages;
    }
    int index = (int) (from >>> 6);
    long word = (wordAt(index) ^ flip) & (-1L << from);
    while (word == 0) {
      if (++index == words.length) {
        return pages;
      }
      word = wordAt(index) ^ flip;
    }
    return Math.min(pages, ((long) index << 6) + Long.numberOfTrailingZeros(word));
  }

  private void setPages(long first, long end) {
    checkRange(first, end);
    for (long page = first; page < end; page = nextWord(page)) {
      int index = (int) (page >>> 6);
      long bits = maskOf(page, end);
      if ((wordAt(index) & bits) != bits) {
        WORD.getAndBitwiseOr(words, index, bits);
      }
    }
  }

  private void checkRange(long first, long end) {
    Objects.checkFromToIndex(first, end, pages);
  }

  private long wordAt(int index) {
    return (long) WORD.getVolatile(words, index);
  }

  private static long nextWord(long page) {
    return (page | 63) + 1;
  }

  /** The bits of {@code page}'s word that lie in {@code [page, end)}. */
  private static long maskOf(long page, long end) {
    long mask = -1L << page;
    return end >= nextWord(page) ? mask : mask & (-1L >>> -end);
  }

  /** Turns words into runs that may span words. */
  private static final class RunJoiner {
    private final Runs runs;
    private long start;
    private long end;
    private long total;

    RunJoiner(Runs runs) {
      this.runs = runs;
    }

    void add(long base, long word) {
      total += Long.bitCount(word);
      while (word != 0) {
        int from = Long.numberOfTrailingZeros(word);
        int length = Long.numberOfTrailingZeros(~(word >>> from));
        extend(base + from, length);
        word = length + from == 64 ? 0 : word & (-1L << (from + length));
      }
    }

    void finish() {
      if (end > start) {
        runs.run(start, end - start);
      }
    }

    private void extend(long first, long count) {
      if (first != end) {
        finish();
        start = first;
      }
      end = first + count;
    }
  }
}
