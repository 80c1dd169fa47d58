package dev.dunlin.slirp.tcp;

import java.nio.ByteBuffer;

/** A queue of bytes that grows to a bound and gives its memory up when it's empty. */
final class ByteRing {
  private static final byte[] NONE = {};
  private static final int FIRST = 4096;

  private final int most;
  private byte[] bytes = NONE;
  private int head;
  private int length;

  ByteRing(int most) {
    this.most = most;
  }

  int length() {
    return length;
  }

  int room() {
    return most - length;
  }

  /** Takes what there is room for; says how much. */
  int put(ByteBuffer source) {
    int count = Math.min(room(), source.remaining());
    if (length + count > bytes.length) {
      grow(length + count);
    }
    int tail = (head + length) & (bytes.length - 1);
    int first = Math.min(count, bytes.length - tail);
    source.get(bytes, tail, first).get(bytes, 0, count - first);
    length += count;
    return count;
  }

  private void grow(int wanted) {
    byte[] larger = new byte[Math.max(FIRST, Integer.highestOneBit(2 * wanted - 1))];
    int first = Math.min(length, bytes.length - head);
    System.arraycopy(bytes, head, larger, 0, first);
    System.arraycopy(bytes, 0, larger, first, length - first);
    bytes = larger;
    head = 0;
  }

  /** Moves bytes out; says how many. */
  int take(ByteBuffer target) {
    int count = Math.min(length, target.remaining());
    int first = Math.min(count, bytes.length - head);
    target.put(bytes, head, first).put(bytes, 0, count - first);
    length -= count;
    if (length == 0) {
      clear();
    } else {
      head = (head + count) & (bytes.length - 1);
    }
    return count;
  }

  void clear() {
    bytes = NONE;
    head = 0;
    length = 0;
  }
}
