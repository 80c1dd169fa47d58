package dev.dunlin.core.loop.testing;

import com.google.common.base.Preconditions;
import dev.dunlin.core.loop.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is advanced. Any thread. */
public final class ManualClock implements Clock {
  /** 2026-01-01T00:00:00Z: a wall clock that looks like one. */
  private static final long WALL_START_MICROS = 1_767_225_600_000_000L;

  private final AtomicLong nanos = new AtomicLong();

  @Override
  public long nanoTime() {
    return nanos.get();
  }

  @Override
  public long wallMicros() {
    return WALL_START_MICROS + nanos.get() / 1_000;
  }

  public void advance(Duration time) {
    advanceNanos(time.toNanos());
  }

  public void advanceNanos(long time) {
    Preconditions.checkArgument(time >= 0, "time doesn't go back: %s", time);
    nanos.addAndGet(time);
  }
}
