package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** Where a direct buffer lies, for calls that take addresses. Any thread. */
public final class NativeMemory {
  private NativeMemory() {}

  /**
   * The address of a direct buffer's byte 0. It holds as long as the buffer is reachable, for which
   * the caller answers.
   */
  public static long addressOf(ByteBuffer direct) {
    ByteBuffer whole = direct.duplicate().clear();
    return Pointer.wrap(Runtime.getSystemRuntime(), whole).address();
  }
}
