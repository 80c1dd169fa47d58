package dev.dunlin.migration;

import dev.dunlin.core.loop.Clock;

/** How long one migration takes, and how far it is. Loop thread, where not said otherwise. */
final class MigrationFigures {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Clock clock;
  private volatile MigrationProgress progress = MigrationProgress.start(0, 0);
  private long start;
  private long setupMillis;
  private long downtimeStart;
  private long totalMillis;
  private long downtimeMillis;

  MigrationFigures(Clock clock) {
    this.clock = clock;
  }

  void begin(long totalRam, long downtimeLimitMillis) {
    start = clock.nanoTime();
    setupMillis = 0;
    totalMillis = 0;
    downtimeMillis = 0;
    downtimeStart = start;
    progress = MigrationProgress.start(totalRam, downtimeLimitMillis);
  }

  void setUp() {
    setupMillis = millisSoFar();
  }

  void guestStops() {
    downtimeStart = clock.nanoTime();
  }

  /** Any thread. */
  void publish(MigrationProgress now) {
    progress = now;
  }

  /** The rates of the whole replace those of the last moment. */
  void complete(MigrationProgress last) {
    long now = clock.nanoTime();
    totalMillis = (now - start) / NANOS_PER_MILLI;
    downtimeMillis = (now - downtimeStart) / NANOS_PER_MILLI;
    double seconds = Math.max((now - start) / 1e9 - setupMillis / 1e3, 1e-3);
    progress =
        new MigrationProgress(
            last.ram(), last.streamBytes(), last.streamBytes() * 8 / seconds / 1e6, 0, 0);
  }

  long millisSoFar() {
    return (clock.nanoTime() - start) / NANOS_PER_MILLI;
  }

  /** Of the whole; 0 until it is {@link #complete}. */
  long totalMillis() {
    return totalMillis;
  }

  long setupMillis() {
    return setupMillis;
  }

  long downtimeMillis() {
    return downtimeMillis;
  }

  /** Any thread. */
  MigrationProgress progress() {
    return progress;
  }
}
