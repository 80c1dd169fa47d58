package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Two iovecs in native memory (readv(2)), used again for every frame. One thread. */
final class FrameVectors {
  private final ByteBuffer pair = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
  private final long address = NativeMemory.addressOf(pair);

  /** Fills them in and gives the address of the first. */
  long of(long first, int firstLength, long second, int secondLength) {
    pair.putLong(0, first).putLong(8, firstLength);
    pair.putLong(16, second).putLong(24, secondLength);
    return address;
  }
}
