package dev.dunlin.core.posix;

import java.util.ArrayList;
import java.util.List;

/**
 * What becomes a child's 0, 1 and 2. The dup2 actions run one after the other in the child, so a
 * source that is itself 0–2 could be overwritten before its turn (stdout and stderr swapped, say);
 * such a source is first duplicated here to a number above.
 */
final class StandardFds implements AutoCloseable {
  static final int COUNT = 3;

  private final int[] sources = new int[COUNT];
  private final List<Fd> opened = new ArrayList<>();

  private StandardFds() {}

  static StandardFds of(SpawnRequest request) throws PosixException {
    StandardFds fds = new StandardFds();
    try {
      fds.set(0, request.stdin());
      fds.set(1, request.stdout());
      fds.set(2, request.stderr());
      return fds;
    } catch (PosixException e) {
      fds.close();
      throw e;
    }
  }

  /** The number in this process that is to become {@code target} in the child. */
  int source(int target) {
    return sources[target];
  }

  /** Closes what was opened for the child's sake. */
  @Override
  public void close() {
    opened.forEach(Fd::close);
  }

  private void set(int target, int wanted) throws PosixException {
    if (wanted == SpawnRequest.INHERIT) {
      sources[target] = isOpen(target) ? target : nothing();
    } else if (wanted == SpawnRequest.DEV_NULL) {
      sources[target] = nothing();
    } else {
      sources[target] = wanted == target ? target : above(Fd.borrowing(wanted));
    }
  }

  private int nothing() throws PosixException {
    return above(keep(Fd.open("/dev/null", Fcntl.O_RDWR, 0)));
  }

  private int above(Fd fd) throws PosixException {
    return fd.number() >= COUNT ? fd.number() : keep(fd.duplicate()).number();
  }

  private Fd keep(Fd fd) {
    opened.add(fd);
    return fd;
  }

  /** A daemon may have closed its own 0–2; its children get /dev/null there. */
  private static boolean isOpen(int target) {
    try {
      Fd.borrowing(target).isCloseOnExec();
      return true;
    } catch (PosixException closed) {
      return false;
    }
  }
}
