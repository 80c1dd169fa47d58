package dev.dunlin.slirp.wire;

/**
 * Arithmetic of TCP sequence numbers (RFC 9293 section 3.4): a circle of 2^32, on which "before"
 * means by less than half a turn. Nothing else may compare sequence numbers.
 */
public final class SeqNum {
  private SeqNum() {}

  public static boolean before(int a, int b) {
    return a - b < 0;
  }

  public static boolean after(int a, int b) {
    return a - b > 0;
  }

  /** Before or equal. */
  public static boolean upTo(int a, int b) {
    return a - b <= 0;
  }

  public static int max(int a, int b) {
    return a - b >= 0 ? a : b;
  }

  public static int min(int a, int b) {
    return a - b <= 0 ? a : b;
  }

  /** Whether {@code seq} lies in the {@code length} numbers from {@code start} on. */
  public static boolean within(int seq, int start, int length) {
    return Integer.compareUnsigned(seq - start, length) < 0;
  }
}
