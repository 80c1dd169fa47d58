package dev.dunlin.slirp;

import dev.dunlin.core.loop.Clock;
import java.time.Duration;

/**
 * Lets a number of messages pass in every span of time, for messages that a guest can provoke: its
 * mischief must not fill the host's disk. One thread.
 */
final class LogLimit {
  private final Clock clock;
  private final int most;
  private final long span;
  private long begun;
  private int passed;

  LogLimit(Clock clock, int most, Duration span) {
    this.clock = clock;
    this.most = most;
    this.span = span.toNanos();
    this.begun = clock.nanoTime();
  }

  /** What becomes of a message. */
  enum Verdict {
    PASS,
    /** Passes too, and is the last for a while. */
    LAST,
    DROP
  }

  Verdict next() {
    long now = clock.nanoTime();
    if (now - begun >= span) {
      begun = now;
      passed = 0;
    }
    if (passed == most) {
      return Verdict.DROP;
    }
    passed++;
    return passed == most ? Verdict.LAST : Verdict.PASS;
  }
}
