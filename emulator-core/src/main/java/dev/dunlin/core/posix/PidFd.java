package dev.dunlin.core.posix;

import dev.dunlin.core.loop.FdEvents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A handle of one child that no other process can take over, however often PIDs are reused: it
 * polls as readable at the end, waits for that very child and signals that very child. Any thread;
 * the status is handed out once.
 *
 * <p>Waiting goes by the handle (P_PIDFD), not by number: after a theft the number may already
 * belong to the next child, whose status would be taken for this one's.
 */
public final class PidFd implements AutoCloseable {
  private static final int SYS_PIDFD_SEND_SIGNAL = 424;
  private static final int SYS_PIDFD_OPEN = 434;

  private static final int P_PID = 1;
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;

  /** siginfo_t: signo, errno, code, padding, pid, uid, status. 128 bytes in all. */
  private static final int SIGINFO_BYTES = 128;

  private static final int SI_CODE = 8;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;
  private static final int CLD_EXITED = 1;
  private static final int CLD_DUMPED = 3;

  private final int pid;
  private final Fd fd;

  /** Set for a child that was gone before a handle could be had; fd is then an eventfd. */
  private final boolean stolenAtOnce;

  private PidFd(int pid, Fd fd, boolean stolenAtOnce) {
    this.pid = pid;
    this.fd = fd;
    this.stolenAtOnce = stolenAtOnce;
  }

  /** pidfd_open(2); close-on-exec by nature. */
  static PidFd open(int pid) throws PosixException {
    long fd = LibcProcess.LIBC.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
    if (fd < 0) {
      throw new PosixException("pidfd_open", "pid " + pid, NativeLibrary.errno());
    }
    return new PidFd(pid, Fd.owning((int) fd), false);
  }

  /**
   * The handle of a child that has just been started. One that can't be found any more was
   * collected by a stranger within microseconds: its handle is readable and says so.
   */
  static PidFd ofChild(int pid) throws PosixException {
    try {
      return open(pid);
    } catch (PosixException e) {
      if (e.errno() != Errno.ESRCH) {
        throw e;
      }
      EventFd readable = EventFd.open();
      readable.signal();
      return new PidFd(pid, Fd.owning(readable.detach()), true);
    }
  }

  public int pid() {
    return pid;
  }

  /** Readable when the child has ended. Owned by this object. */
  public int number() {
    return fd.number();
  }

  /** Waits at most {@code timeoutNanos} (negative: for ever) for the end, without collecting it. */
  public boolean awaitEnd(long timeoutNanos) throws PosixException {
    return fd.await(FdEvents.READ, timeoutNanos);
  }

  /** Collects the child if it has ended; never blocks. One caller: a status is there once. */
  public WaitStatus collect() throws PosixException {
    if (stolenAtOnce) {
      return stolen("it was gone before it could be watched");
    }
    ByteBuffer siginfo = siginfo();
    while (true) {
      long result =
          fd.use("waitid", id -> LibcProcess.LIBC.waitid(P_PIDFD, id, siginfo, WEXITED | WNOHANG));
      if (result >= 0) {
        return siginfo.getInt(SI_PID) == 0 ? WaitStatus.RUNNING : decode(siginfo);
      }
      if (result == -Errno.ECHILD) {
        return stolen("somebody else in this process waited for it");
      }
      if (result != -Errno.EINTR) {
        throw new PosixException("waitid", "pid " + pid, (int) -result);
      }
    }
  }

  /** Sends a signal to this very process; false when it has ended. */
  public boolean signal(int signal) throws PosixException {
    if (stolenAtOnce || !fd.isOpen()) {
      return false;
    }
    long result =
        fd.use(
            "pidfd_send_signal",
            id -> LibcProcess.LIBC.syscall(SYS_PIDFD_SEND_SIGNAL, id, signal, 0, 0));
    if (result < 0 && result != -Errno.ESRCH) {
      throw new PosixException("pidfd_send_signal", "pid " + pid, (int) -result);
    }
    return result == 0;
  }

  /** Idempotent. Neither collects nor kills. */
  @Override
  public void close() {
    fd.close();
  }

  /** Blocks until the child {@code pid} has been collected, for one that has no handle. */
  static void collectByNumber(int pid) {
    int result;
    do {
      result = LibcProcess.LIBC.waitid(P_PID, pid, siginfo(), WEXITED);
    } while (result < 0 && NativeLibrary.errno() == Errno.EINTR);
  }

  private static WaitStatus decode(ByteBuffer siginfo) {
    int code = siginfo.getInt(SI_CODE);
    int status = siginfo.getInt(SI_STATUS);
    return code == CLD_EXITED
        ? new WaitStatus.Exited(status)
        : new WaitStatus.Signalled(status, code == CLD_DUMPED);
  }

  private WaitStatus stolen(String reason) {
    String recorded =
        stolenAtOnce
            ? ""
            : PidFdInfo.exitOf(fd).map(status -> "; the kernel recorded " + status).orElse("");
    return new WaitStatus.Stolen("pid " + pid + ": " + reason + recorded);
  }

  private static ByteBuffer siginfo() {
    return ByteBuffer.allocateDirect(SIGINFO_BYTES).order(ByteOrder.nativeOrder());
  }
}
