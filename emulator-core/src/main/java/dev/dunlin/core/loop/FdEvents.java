package dev.dunlin.core.loop;

/**
 * What a descriptor is watched for, or what was found: readable, writable, and hung up or in error,
 * which is reported with any other interest whether asked for or not, as poll(2) does. An interest
 * of {@link #NONE} reports nothing at all.
 *
 * @param ended found beside readable, never asked for: the peer of a stream socket sends no more,
 *     so that a read finds the end behind what is there (POLLRDHUP)
 */
public record FdEvents(boolean readable, boolean writable, boolean hangup, boolean ended) {
  public static final FdEvents NONE = new FdEvents(false, false, false);
  public static final FdEvents READ = new FdEvents(true, false, false);
  public static final FdEvents WRITE = new FdEvents(false, true, false);
  public static final FdEvents READ_WRITE = new FdEvents(true, true, false);
  public static final FdEvents HANGUP = new FdEvents(false, false, true);

  private static final FdEvents[] ALL = new FdEvents[16];

  static {
    for (int bits = 0; bits < ALL.length; bits++) {
      ALL[bits] = new FdEvents((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
    }
  }

  /** What is asked for: the end of a stream comes with readable. */
  public FdEvents(boolean readable, boolean writable, boolean hangup) {
    this(readable, writable, hangup, false);
  }

  /** The same as the constructor's, without making an object. */
  public static FdEvents of(boolean readable, boolean writable, boolean hangup) {
    return of(readable, writable, hangup, false);
  }

  /** The same as the constructor's, without making an object. */
  public static FdEvents of(boolean readable, boolean writable, boolean hangup, boolean ended) {
    return ALL[(readable ? 1 : 0) | (writable ? 2 : 0) | (hangup ? 4 : 0) | (ended ? 8 : 0)];
  }

  /** Whether anything is asked for. */
  public boolean isAny() {
    return readable || writable || hangup;
  }
}
