package dev.dunlin.slirp;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bytes on their way from one thread to another: a ring with one producer and one consumer, both
 * wait-free. Bound: its capacity, which is taken when the first byte comes.
 */
final class BytePipe {
  private final int capacity;

  /** The producer's until {@link #written} publishes it. */
  private byte @Nullable [] ring;

  /** Bytes ever written and ever read; their difference is what is inside. */
  private final AtomicLong written = new AtomicLong();

  private final AtomicLong read = new AtomicLong();

  /**
   * @param capacity bytes, a power of two
   */
  BytePipe(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("not a power of two: " + capacity);
    }
    this.capacity = capacity;
  }

  /** Bytes inside. Either side, or any thread for a look. */
  int length() {
    return (int) (written.getAcquire() - read.getAcquire());
  }

  int room() {
    return capacity - length();
  }

  /** Takes what there is room for; says how much. Producer. */
  int put(ByteBuffer source) {
    int count = Math.min(room(), source.remaining());
    if (count == 0) {
      return 0;
    }
    byte[] bytes = ring();
    long at = written.getPlain();
    int tail = (int) at & capacity - 1;
    int first = Math.min(count, capacity - tail);
    source.get(bytes, tail, first).get(bytes, 0, count - first);
    written.setRelease(at + count);
    return count;
  }

  private byte[] ring() {
    byte[] bytes = ring;
    if (bytes == null) {
      bytes = new byte[capacity];
      ring = bytes;
    }
    return bytes;
  }

  /** Moves bytes out; says how many. Consumer. */
  int take(ByteBuffer target) {
    int count = Math.min(length(), target.remaining());
    byte[] bytes = ring;
    if (count == 0 || bytes == null) {
      return 0;
    }
    long at = read.getPlain();
    int head = (int) at & capacity - 1;
    int first = Math.min(count, capacity - head);
    target.put(bytes, head, first).put(bytes, 0, count - first);
    read.setRelease(at + count);
    return count;
  }
}
