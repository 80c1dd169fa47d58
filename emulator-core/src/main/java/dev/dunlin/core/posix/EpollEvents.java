package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An array of {@code struct epoll_event}. x86-64 packs it into 12 bytes so that 32-bit programs see
 * the same (linux/eventpoll.h, EPOLL_PACKED); everywhere else the 64-bit datum is aligned.
 */
final class EpollEvents {
  private static final boolean PACKED = isPacked(System.getProperty("os.arch", ""));
  private static final int DATA = PACKED ? 4 : 8;
  private static final int SIZE = DATA + Long.BYTES;

  private final ByteBuffer memory;
  private final int capacity;

  EpollEvents(int capacity) {
    this.capacity = capacity;
    this.memory = ByteBuffer.allocateDirect(capacity * SIZE).order(ByteOrder.nativeOrder());
  }

  static boolean isPacked(String arch) {
    return arch.equals("amd64") || arch.equals("x86_64");
  }

  ByteBuffer memory() {
    return memory;
  }

  int capacity() {
    return capacity;
  }

  EpollEvents set(int index, int bits, long token) {
    memory.putInt(index * SIZE, bits).putLong(index * SIZE + DATA, token);
    return this;
  }

  int bits(int index) {
    return memory.getInt(index * SIZE);
  }

  long token(int index) {
    return memory.getLong(index * SIZE + DATA);
  }
}
