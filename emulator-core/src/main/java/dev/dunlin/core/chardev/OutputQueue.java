package dev.dunlin.core.chardev;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Output in order, not yet taken. */
final class OutputQueue {
  private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
  private long bytes;

  void add(byte[] piece) {
    if (piece.length > 0) {
      pieces.add(ByteBuffer.wrap(piece));
      bytes += piece.length;
    }
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return pieces.isEmpty();
  }

  /** What is to be written next; null when there is nothing. */
  @Nullable ByteBuffer head() {
    return pieces.peek();
  }

  /** {@code count} bytes of the head were taken. */
  void taken(int count) {
    bytes -= count;
    ByteBuffer head = pieces.peek();
    if (head != null && !head.hasRemaining()) {
      pieces.remove();
    }
  }

  void clear() {
    pieces.clear();
    bytes = 0;
  }
}
