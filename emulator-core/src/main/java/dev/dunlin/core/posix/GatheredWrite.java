package dev.dunlin.core.posix;

/** writev(2): pieces of memory in one call, in order, copied by the kernel. Any thread. */
public final class GatheredWrite {
  private GatheredWrite() {}

  /** One call; takes what was accepted off the vectors. Blocks only when the descriptor does. */
  public static IoOutcome write(Fd fd, IoVectors vectors) throws PosixException {
    while (true) {
      long count =
          fd.use(
              "writev", number -> LibcPipe.LIBC.writev(number, vectors.pending(), vectors.count()));
      if (count >= 0) {
        vectors.consume(count);
        return new IoOutcome.Transferred((int) count);
      }
      if (count == -Errno.EAGAIN) {
        return IoOutcome.WOULD_BLOCK;
      }
      if (count != -Errno.EINTR) {
        throw new PosixException("writev", fd.toString(), (int) -count);
      }
    }
  }
}
