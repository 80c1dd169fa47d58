package dev.dunlin.core.child;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.posix.PidFd;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.Spawner;
import dev.dunlin.core.posix.WaitStatus;
import org.apache.logging.log4j.LogManager;

/** A child of this process, by its pidfd. */
final class HostProcess implements ProcessSource.Handle {
  private final PidFd handle;

  private HostProcess(PidFd handle) {
    this.handle = handle;
  }

  static ProcessSource.Handle spawn(SpawnRequest request, ImmutableMap<String, String> marks)
      throws PosixException {
    return new HostProcess(Spawner.spawn(request, marks));
  }

  @Override
  public int pid() {
    return handle.pid();
  }

  @Override
  public int readinessFd() {
    return handle.number();
  }

  @Override
  public boolean awaitEnd(long timeoutNanos) {
    try {
      return handle.awaitEnd(timeoutNanos);
    } catch (PosixException closedMeanwhile) {
      // Collecting will tell what became of it.
      return true;
    }
  }

  @Override
  public WaitStatus collect() {
    try {
      return handle.collect();
    } catch (PosixException e) {
      return new WaitStatus.Stolen(e.call() + ": " + e.errorText());
    }
  }

  @Override
  public boolean signal(int signal) {
    try {
      return handle.signal(signal);
    } catch (PosixException refused) {
      // EPERM: it has become another user's (setuid). It lives, and isn't ours to signal.
      LogManager.getLogger(HostProcess.class).warn("{}", refused.getMessage());
      return true;
    }
  }

  @Override
  public void close() {
    handle.close();
  }
}
