package dev.dunlin.slirp;

import dev.dunlin.core.loop.Clock;

/**
 * The time of a network's protocols: that of its loop, less what the guest stood still. A paused
 * guest answers nothing, so its connections must not be given up and its leases not run out
 * meanwhile (QEMU gives slirp its virtual clock). Never goes back. On the network's thread.
 */
final class GuestTime {
  private final Clock clock;
  private long behind;
  private long last;
  private boolean stopped;

  GuestTime(Clock clock) {
    this.clock = clock;
    this.last = clock.nanoTime();
  }

  long now() {
    return stopped ? last : advanceTo(clock.nanoTime());
  }

  boolean isStopped() {
    return stopped;
  }

  /**
   * @param at when it was, by the clock; what was done since then stays done
   */
  void setStopped(boolean stop, long at) {
    if (stop && !stopped) {
      advanceTo(at);
    } else if (!stop && stopped) {
      behind = at - last;
    }
    stopped = stop;
  }

  private long advanceTo(long at) {
    long time = at - behind;
    if (time - last > 0) {
      last = time;
    }
    return last;
  }
}
