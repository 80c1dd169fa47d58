package dev.dunlin.core.posix;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;

/**
 * vmsplice(2): memory put into a pipe by reference. What the reader finds is the memory's content
 * when it reads, not when this was called. Any thread.
 */
public final class PipeSplice {
  private static final int SPLICE_F_NONBLOCK = 2;

  private PipeSplice() {}

  /**
   * One call on a pipe's writing end; takes what was accepted off the vectors. Never waits: an
   * empty outcome means that the pipe is full.
   */
  public static IoOutcome splice(Fd pipe, IoVectors vectors) throws PosixException {
    while (true) {
      long count =
          LibcPipe.LIBC.vmsplice(
              pipe.number(), vectors.pending(), vectors.count(), SPLICE_F_NONBLOCK);
      if (count >= 0) {
        vectors.consume(count);
        return new IoOutcome.Transferred((int) count);
      }
      int errno = NativeLibrary.errno();
      if (errno == Errno.EAGAIN) {
        return IoOutcome.WOULD_BLOCK;
      }
      if (errno != Errno.EINTR) {
        throw new PosixException("vmsplice", pipe.toString(), errno);
      }
    }
  }

  /** Where a direct buffer's byte 0 is in this process's memory. */
  public static long address(ByteBuffer direct) {
    return MemoryIO.getInstance().getDirectBufferAddress(direct);
  }
}
