package dev.dunlin.migration;

import dev.dunlin.ram.RamBlock;
import java.util.Optional;

/**
 * How fast the guest dirties pages, from what each sync finds. Periods of more than a second, as in
 * QEMU (migration/ram.c), decide about throttling; the figure that users see is of the period so
 * far, so that a short migration has one too. Migration thread; time comes in as an argument.
 */
final class DirtyRate {
  private static final long PERIOD_NANOS = 1_000_000_000L;

  /** Shorter than this, a period says little; the figure before stands. */
  private static final long TELLING_NANOS = 100_000_000L;

  private long start;
  private long sentThen;
  private long pages;
  private long perSecond;

  DirtyRate(long now) {
    start = now;
  }

  /** What happened between two syncs that lie more than a second apart, in bytes. */
  record Period(long dirtied, long sent) {}

  /**
   * A sync found {@code newPages} that weren't waiting to be sent already. Answers with the period
   * that it ends, if it ends one.
   *
   * @param sent bytes of RAM sent so far
   */
  Optional<Period> sync(long now, long newPages, long sent) {
    pages += newPages;
    long nanos = now - start;
    if (nanos >= TELLING_NANOS || perSecond == 0) {
      perSecond = (long) (pages * 1e9 / Math.max(1, nanos));
    }
    if (nanos <= PERIOD_NANOS) {
      return Optional.empty();
    }
    Period period = new Period(pages * RamBlock.PAGE_SIZE, sent - sentThen);
    start = now;
    sentThen = sent;
    pages = 0;
    return Optional.of(period);
  }

  long pagesPerSecond() {
    return perSecond;
  }
}
