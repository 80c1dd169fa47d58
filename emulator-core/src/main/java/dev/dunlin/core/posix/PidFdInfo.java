package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Linux 6.15 keeps a child's exit status in its pidfd even when somebody else has collected it
 * (PIDFD_GET_INFO, linux/pidfd.h). It only explains a loss: whoever stole one status may steal all,
 * and an embedder must hear of it, so a lost status stays lost.
 */
final class PidFdInfo {
  /** {@code _IOWR(0xFF, 11, struct pidfd_info)} with the struct's first published size. */
  private static final long PIDFD_GET_INFO = 0xC040FF0BL;

  private static final int BYTES = 64;
  private static final long PIDFD_INFO_EXIT = 1 << 3;
  private static final int EXIT_CODE = 60;

  private PidFdInfo() {}

  /** The status the kernel kept, in words, if it did. */
  static Optional<String> exitOf(Fd pidfd) {
    ByteBuffer info = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    info.putLong(0, PIDFD_INFO_EXIT);
    try {
      long result = pidfd.use("ioctl", id -> Ioctl.LIBC.ioctl(id, PIDFD_GET_INFO, info));
      if (result < 0 || (info.getLong(0) & PIDFD_INFO_EXIT) == 0) {
        return Optional.empty();
      }
    } catch (PosixException closed) {
      return Optional.empty();
    }
    return Optional.of(words(WaitStatus.ofWord(info.getInt(EXIT_CODE))));
  }

  private static String words(WaitStatus status) {
    if (status instanceof WaitStatus.Signalled signalled) {
      return "death by signal " + signalled.signal();
    }
    return "exit status " + ((WaitStatus.Exited) status).code();
  }

  /** Bound only when a status has been lost. */
  private static final class Ioctl {
    static final Calls LIBC = NativeLibrary.bind(Calls.class);

    private Ioctl() {}
  }

  /** As in the manual's section 2. */
  public interface Calls {
    int ioctl(int fd, long request, ByteBuffer info);
  }
}
