package dev.dunlin.core.posix;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Structures in native memory: direct buffers, which don't move, and where they lie. */
final class NativeBytes {
  private static final MemoryIO IO = MemoryIO.getInstance();

  private NativeBytes() {}

  /** Zeroed, in the host's byte order. */
  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * Where the buffer's first byte lies, whatever its position. Whoever gives the address to the
   * kernel keeps the buffer. Allocates nothing.
   */
  static long address(ByteBuffer direct) {
    return IO.getDirectBufferAddress(direct);
  }
}
