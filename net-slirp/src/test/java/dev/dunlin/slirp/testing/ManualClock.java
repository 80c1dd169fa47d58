package dev.dunlin.slirp.testing;

import dev.dunlin.core.loop.Clock;
import java.time.Duration;

/** Time that stands still until it is moved. */
public final class ManualClock implements Clock {
  private static final long WALL_MICROS = 1_800_000_000_000_000L;

  // Not zero, and soon to overflow: nobody may compare stamps with < or think of zero as "never".
  private long nanos = Long.MAX_VALUE - 5_000_000_000L;
  private final long origin = nanos;

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public long wallMicros() {
    return WALL_MICROS + (nanos - origin) / 1000;
  }

  public void advance(Duration by) {
    nanos += by.toNanos();
  }

  public void advanceNanos(long by) {
    nanos += by;
  }
}
