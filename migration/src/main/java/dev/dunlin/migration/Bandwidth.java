package dev.dunlin.migration;

import java.util.OptionalLong;

/**
 * What the other side takes, measured in windows of 100 ms while the guest runs, and what follows
 * from it: how much may be left when the guest is stopped. As QEMU's migration_update_counters
 * (migration/migration.c), but that bytes which only fill a pipe or a socket count when they have
 * left it: a reader that is slow, or takes nothing, shows from the first window on. Migration
 * thread; time comes in as an argument.
 */
final class Bandwidth {
  private static final long WINDOW_NANOS = 100_000_000L;
  private static final double MILLIS_PER_NANO = 1e-6;

  private long since;
  private long bytesThen;
  private long pagesThen;
  private double bytesPerMilli;
  private double pagesPerSecond;

  Bandwidth(long now) {
    this.since = now;
  }

  /**
   * Looks at the counters; true when a window has ended and the figures are new.
   *
   * @param delivered bytes of the whole stream that the other side has got
   */
  boolean sample(long now, long delivered, long pages) {
    long nanos = now - since;
    if (nanos < WINDOW_NANOS) {
      return false;
    }
    double millis = nanos * MILLIS_PER_NANO;
    bytesPerMilli = Math.max(0, delivered - bytesThen) / millis;
    pagesPerSecond = (pages - pagesThen) / millis * 1000;
    since = now;
    bytesThen = Math.max(delivered, bytesThen);
    pagesThen = pages;
    return true;
  }

  /** Bytes that can be sent within the downtime that the user allows; 0 before the first window. */
  long threshold(long downtimeMillis) {
    return (long) (bytesPerMilli * downtimeMillis);
  }

  /** Milliseconds that sending so much would take, empty while nothing gets through. */
  OptionalLong millisFor(long bytes) {
    return bytesPerMilli > 0
        ? OptionalLong.of((long) (bytes / bytesPerMilli))
        : OptionalLong.empty();
  }

  /** Megabits a second in the last window. */
  double mbps() {
    return bytesPerMilli * 8 / 1000;
  }

  long pagesPerSecond() {
    return (long) pagesPerSecond;
  }
}
