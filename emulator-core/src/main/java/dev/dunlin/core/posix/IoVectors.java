package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An array of struct iovec in native memory, filled and taken off from the front as the kernel
 * accepts bytes. 64-bit hosts. One thread.
 */
public final class IoVectors {
  /** UIO_MAXIOV. */
  public static final int MAX = 1024;

  private static final int IOVEC = 16;

  private final ByteBuffer vectors =
      ByteBuffer.allocateDirect(MAX * IOVEC).order(ByteOrder.nativeOrder());
  private int first;
  private int end;
  private long bytes;

  public boolean isEmpty() {
    return first == end;
  }

  /** Room for how many more. */
  public int room() {
    return MAX - end;
  }

  /** Bytes that the vectors point at. */
  public long bytes() {
    return bytes;
  }

  /** Adds one piece of memory; it joins the one before when they touch. */
  public void add(long address, int length) {
    if (end > first && addressOf(end - 1) + lengthOf(end - 1) == address) {
      vectors.putLong((end - 1) * IOVEC + 8, lengthOf(end - 1) + length);
    } else {
      vectors.putLong(end * IOVEC, address).putLong(end * IOVEC + 8, length);
      end++;
    }
    bytes += length;
  }

  /** Takes {@code accepted} bytes off the front. */
  void consume(long accepted) {
    bytes -= accepted;
    long left = accepted;
    while (left > 0 && left >= lengthOf(first)) {
      left -= lengthOf(first);
      first++;
    }
    if (left > 0) {
      vectors
          .putLong(first * IOVEC, addressOf(first) + left)
          .putLong(first * IOVEC + 8, lengthOf(first) - left);
    }
    if (first == end) {
      first = 0;
      end = 0;
    }
  }

  /** The vectors not yet taken off; its start is the address to hand to the kernel. */
  ByteBuffer pending() {
    return vectors.slice(first * IOVEC, (end - first) * IOVEC);
  }

  int count() {
    return end - first;
  }

  private long addressOf(int index) {
    return vectors.getLong(index * IOVEC);
  }

  private long lengthOf(int index) {
    return vectors.getLong(index * IOVEC + 8);
  }
}
