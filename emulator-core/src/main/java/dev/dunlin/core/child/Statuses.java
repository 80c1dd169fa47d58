package dev.dunlin.core.child;

import dev.dunlin.core.posix.WaitStatus;
import java.util.Optional;

/** From what the kernel said to what a child's owner is told. */
final class Statuses {
  private Statuses() {}

  /** Empty while the child runs. Nothing but a status of the kernel's own becomes an exit. */
  static Optional<ExitStatus> of(WaitStatus status) {
    if (status instanceof WaitStatus.Exited exited) {
      return Optional.of(new ExitStatus.Exited(exited.code()));
    }
    if (status instanceof WaitStatus.Signalled signalled) {
      return Optional.of(new ExitStatus.Signalled(signalled.signal(), signalled.coreDumped()));
    }
    if (status instanceof WaitStatus.Stolen stolen) {
      return Optional.of(new ExitStatus.Lost(stolen.reason()));
    }
    return Optional.empty();
  }
}
