package dev.dunlin.core.machine;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.ram.RamBlock;
import java.util.concurrent.TimeUnit;

/** How fast a {@link RamWriter} may go. Its thread only. */
final class Pace {
  /** Never wakes up more often than this; what is due by then is done in one go. */
  private static final long LEAST_WAIT = TimeUnit.MILLISECONDS.toNanos(1);

  /** What was missed while starved is caught up to this extent only. */
  private static final long MOST_LAG = TimeUnit.MILLISECONDS.toNanos(50);

  private final Clock clock;
  private final double nanosPerPage;
  private double nextAt;

  /** {@code rate} bytes a second, or 0 for no limit. */
  Pace(Clock clock, long rate) {
    this.clock = clock;
    this.nanosPerPage =
        rate <= 0 ? 0 : (double) RamBlock.PAGE_SIZE * TimeUnit.SECONDS.toNanos(1) / rate;
    this.nextAt = clock.nanoTime();
  }

  /** How long to wait before the next page; 0 when it is due. */
  long nanosToWait() {
    if (nanosPerPage == 0) {
      return 0;
    }
    long now = clock.nanoTime();
    nextAt = Math.max(nextAt, now - (double) MOST_LAG);
    return nextAt <= now ? 0 : Math.max(LEAST_WAIT, (long) (nextAt - now));
  }

  /** How many pages are due at once, at least one; no end without a limit. */
  long duePages() {
    if (nanosPerPage == 0) {
      return Long.MAX_VALUE;
    }
    return Math.max(1, (long) ((clock.nanoTime() - nextAt) / nanosPerPage) + 1);
  }

  /** What wasn't written while paused isn't made up for: a throttled guest gets less done. */
  void restart() {
    nextAt = Math.max(nextAt, clock.nanoTime());
  }

  void written(long pages) {
    nextAt += pages * nanosPerPage;
  }
}
