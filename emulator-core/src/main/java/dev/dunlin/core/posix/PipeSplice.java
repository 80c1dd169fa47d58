package dev.dunlin.core.posix;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;

/**
 * vmsplice(2) and splice(2): memory put into a pipe by reference, and on from there. What the
 * reader finds is the memory's content when it reads, not when this was called. Any thread.
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

  /**
   * One call that hands on at most {@code length} bytes of what lies in a pipe, by reference where
   * {@code to} can do that. Never waits: an empty outcome means that {@code to}, which must be
   * non-blocking, has no room (or the pipe nothing).
   */
  public static IoOutcome move(Fd pipe, Fd to, int length) throws PosixException {
    while (true) {
      long count = to.use("splice", number -> splice(pipe.number(), number, length));
      if (count >= 0) {
        return new IoOutcome.Transferred((int) count);
      }
      if (count == -Errno.EAGAIN) {
        return IoOutcome.WOULD_BLOCK;
      }
      if (count != -Errno.EINTR) {
        throw new PosixException("splice", to.toString(), (int) -count);
      }
    }
  }

  @SuppressWarnings("NullAway") // neither end has a place to be told
  private static long splice(int pipe, int to, int length) {
    return LibcPipe.LIBC.splice(pipe, null, to, null, length, SPLICE_F_NONBLOCK);
  }

  /** Where a direct buffer's byte 0 is in this process's memory. */
  public static long address(ByteBuffer direct) {
    return MemoryIO.getInstance().getDirectBufferAddress(direct);
  }
}
