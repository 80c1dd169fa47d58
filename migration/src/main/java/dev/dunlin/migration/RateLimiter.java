package dev.dunlin.migration;

/**
 * Holds a stream to so many bytes a second, in windows of 100 ms as QEMU does
 * (migration/migration.c). What a window sends too much is taken from the time that follows, so the
 * mean is kept however coarse the pieces. Migration thread; time comes in as an argument.
 */
final class RateLimiter {
  private static final long WINDOW_NANOS = 100_000_000L;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long WINDOWS_PER_SECOND = SECOND_NANOS / WINDOW_NANOS;

  private long windowStart;
  private long positionAtStart;

  RateLimiter(long now, long position) {
    begin(now, position);
  }

  /**
   * Whether the window's share is used up.
   *
   * @param limit bytes a second, unsigned; 0 for none
   */
  boolean isExhausted(long position, long limit) {
    return limit != 0
        && Long.compareUnsigned(
                position - positionAtStart, Long.divideUnsigned(limit, WINDOWS_PER_SECOND))
            >= 0
        && position > positionAtStart;
  }

  /** How long to wait before the next window may begin; 0 or less: it may. */
  long nanosToWait(long now, long position, long limit) {
    if (limit == 0) {
      return 0;
    }
    double earned = Long.toUnsignedString(limit).length() > 18 ? 1e18 : (double) limit;
    long due = (long) ((position - positionAtStart) / earned * SECOND_NANOS);
    return windowStart + Math.max(due, WINDOW_NANOS) - now;
  }

  void begin(long now, long position) {
    windowStart = now;
    positionAtStart = position;
  }
}
