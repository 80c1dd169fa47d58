package dev.dunlin.core.child;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.WaitStatus;

/**
 * Where children come from: the host, or a test's script. All that this package knows of the
 * kernel. Any thread.
 */
@FunctionalInterface
public interface ProcessSource {

  /**
   * Starts a child.
   *
   * @param marks variables added to the environment the request asks for
   * @throws PosixException when there is none
   */
  Handle spawn(SpawnRequest request, ImmutableMap<String, String> marks) throws PosixException;

  /** Takes over a child that outlives its emulator, to collect it when it ends. */
  default void leave(Handle process) {
    Survivors.leave(process);
  }

  /** The host's own processes. */
  static ProcessSource host() {
    return HostProcess::spawn;
  }

  /** One child: a handle that PID reuse can't turn into somebody else. */
  interface Handle extends AutoCloseable {
    int pid();

    /** A descriptor that is readable when the child has ended; owned by this object. */
    int readinessFd();

    /** Waits at most {@code timeoutNanos} (negative: for ever) for the end; doesn't collect. */
    boolean awaitEnd(long timeoutNanos);

    /** Collects the status if the child has ended; never blocks. */
    WaitStatus collect();

    /** False when it has ended. */
    boolean signal(int signal);

    /** Lets go of the handle. Never kills. */
    @Override
    void close();
  }
}
