package dev.dunlin.core.posix;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.FdEvents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * poll(2) on a fixed set of descriptors: a blocking wait that something else can end, by an {@link
 * EventFd} in the set. One thread; the caller keeps the descriptors open meanwhile.
 */
public final class FdWait {
  private static final int POLLFD = 8;
  private static final int EVENTS = 4;
  private static final int FOUND = 6;

  private final ByteBuffer pollfds;
  private final int count;

  private FdWait(int count) {
    this.count = count;
    this.pollfds = ByteBuffer.allocateDirect(count * POLLFD).order(ByteOrder.nativeOrder());
  }

  /** Room for {@code count} descriptors, to be {@link #set}. */
  public static FdWait of(int count) {
    return new FdWait(count);
  }

  /** Puts a descriptor into place {@code index}. Hang-ups are found whatever the interest. */
  public FdWait set(int index, int fd, FdEvents interest) {
    pollfds.putInt(index * POLLFD, fd).putShort(index * POLLFD + EVENTS, PollBits.of(interest));
    return this;
  }

  /**
   * Waits at most {@code timeoutNanos} (negative: for ever), rounded up to milliseconds. False when
   * the time is over.
   */
  public boolean await(long timeoutNanos) throws PosixException {
    Clock clock = Clock.system();
    long start = clock.nanoTime();
    while (true) {
      long left = timeoutNanos < 0 ? -1 : timeoutNanos - (clock.nanoTime() - start);
      int millis = timeoutNanos < 0 ? -1 : PollBits.millisRoundedUp(left);
      int ready = LibcIo.LIBC.poll(pollfds, count, millis);
      if (ready > 0) {
        return true;
      }
      if (ready == 0) {
        return false;
      }
      int errno = NativeLibrary.errno();
      if (errno != Errno.EINTR) {
        throw new PosixException("poll", "", errno);
      }
    }
  }

  /** What the last {@link #await} found at {@code index}. */
  public FdEvents found(int index) {
    return PollBits.toEvents(pollfds.getShort(index * POLLFD + FOUND));
  }
}
