package dev.dunlin.migration.ram;

import dev.dunlin.ram.RamBlock;
import java.util.concurrent.atomic.AtomicLong;

/** Counts for {@link XbzrleCounters}. Migration thread; {@link #counters} any. */
final class XbzrleTally {
  /** Before the encoded bytes: which encoding, and how many. */
  private static final int ENCODING_HEADER = 1 + 2;

  private final AtomicLong cacheSize;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong pages = new AtomicLong();
  private final AtomicLong misses = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private volatile double missRate;
  private volatile double encodingRate;
  private long pagesSentBefore;
  private long missesBefore;
  private long pagesBefore;
  private long bytesBefore;

  XbzrleTally(long cacheSize) {
    this.cacheSize = new AtomicLong(cacheSize);
  }

  void cacheSize(long size) {
    cacheSize.set(size);
  }

  void missed() {
    misses.incrementAndGet();
  }

  /** A remembered page that went whole, since nearly all of it differs. */
  void overflowed() {
    pages.incrementAndGet();
    overflows.incrementAndGet();
    bytes.addAndGet(RamBlock.PAGE_SIZE);
  }

  /** A remembered page of which nothing differs. */
  void skipped() {
    pages.incrementAndGet();
  }

  /**
   * A remembered page that went as a difference.
   *
   * @param nameBytes of the record's header beyond its first word
   */
  void sent(int encodedBytes, long nameBytes) {
    pages.incrementAndGet();
    bytes.addAndGet(nameBytes + ENCODING_HEADER + encodedBytes);
  }

  /** A round is over, in which so many pages in all have been sent (migration_update_rates). */
  void endRound(long pagesSent) {
    if (pagesSent == pagesSentBefore) {
      return;
    }
    missRate = (double) (misses.get() - missesBefore) / (pagesSent - pagesSentBefore);
    long remembered = pages.get() - pagesBefore;
    long sent = bytes.get() - bytesBefore;
    encodingRate =
        remembered == 0 || sent == 0 ? 0 : (double) (remembered * RamBlock.PAGE_SIZE) / sent;
    pagesSentBefore = pagesSent;
    missesBefore = misses.get();
    pagesBefore = pages.get();
    bytesBefore = bytes.get();
  }

  XbzrleCounters counters() {
    return new XbzrleCounters(
        cacheSize.get(),
        bytes.get(),
        pages.get(),
        misses.get(),
        missRate,
        encodingRate,
        overflows.get());
  }
}
