package dev.dunlin.slirp.icmp;

import java.util.concurrent.TimeUnit;

/** A token bucket. */
public final class RateLimit {
  private final long nanosPerToken;
  private final long capacity;
  private long saved;
  private long last;
  private boolean started;

  public RateLimit(int perSecond, int burst) {
    nanosPerToken = TimeUnit.SECONDS.toNanos(1) / perSecond;
    capacity = nanosPerToken * burst;
    saved = capacity;
  }

  /** Whether one more may pass now. */
  public boolean allow(long now) {
    if (started) {
      saved = Math.min(capacity, saved + Math.min(capacity, Math.max(0, now - last)));
    }
    started = true;
    last = now;
    if (saved < nanosPerToken) {
      return false;
    }
    saved -= nanosPerToken;
    return true;
  }
}
