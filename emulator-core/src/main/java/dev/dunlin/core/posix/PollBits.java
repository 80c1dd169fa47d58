package dev.dunlin.core.posix;

import dev.dunlin.core.loop.FdEvents;

/** Event bits, the same numbers for poll(2) and epoll(7), and their rounding of time. */
final class PollBits {
  static final int IN = 0x001;
  static final int OUT = 0x004;
  static final int ERR = 0x008;
  static final int HUP = 0x010;

  /** Beside IN only: alone it would be told for ever. */
  static final int RDHUP = 0x2000;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private PollBits() {}

  static short of(FdEvents interest) {
    return (short) ((interest.readable() ? IN | RDHUP : 0) | (interest.writable() ? OUT : 0));
  }

  static FdEvents toEvents(int bits) {
    return FdEvents.of(
        (bits & IN) != 0, (bits & OUT) != 0, (bits & (HUP | ERR)) != 0, (bits & RDHUP) != 0);
  }

  /** Rounded up, since waking too early would mean a second wait of nothing; never negative. */
  static int millisRoundedUp(long nanos) {
    if (nanos <= 0) {
      return 0;
    }
    long millis = nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }
}
