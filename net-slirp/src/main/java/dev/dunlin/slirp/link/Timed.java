package dev.dunlin.slirp.link;

/**
 * Something with deadlines on the network's loop. The loop asks every one of them how long it may
 * sleep and calls those that are due; none has a timer of its own, so a test moves time by passing
 * another number.
 */
public interface Timed {
  /** Nothing will ever be due unless an event comes first. */
  long IDLE = Long.MAX_VALUE;

  /**
   * Nanoseconds from {@code now} until {@link #onTime} has work; 0 when it has, or {@link #IDLE}.
   */
  long delay(long now);

  /** Does whatever is due at {@code now}; harmless when nothing is. */
  void onTime(long now);
}
