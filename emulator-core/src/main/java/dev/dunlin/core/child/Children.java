package dev.dunlin.core.child;

import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.util.function.Consumer;

/**
 * Everything about child processes that the rest of the emulator needs. Each child has one waiter
 * for ever: the reaper (for {@link #spawn}) or the stream that made it ({@link #spawnOwned}).
 */
public interface Children {

  /**
   * Starts a helper and registers it with the reaper in one step. {@code onExit} runs once, on the
   * loop thread. Loop thread.
   *
   * @throws PosixException when there is no child: posix_spawn's errno
   */
  Child spawn(String owner, SpawnRequest request, Consumer<ExitStatus> onExit)
      throws PosixException;

  /**
   * Starts a child that its stream waits for; the reaper never sees it, {@code info children} does.
   * Any thread.
   *
   * @throws PosixException when there is no child: posix_spawn's errno
   */
  OwnedChild spawnOwned(String owner, SpawnRequest request) throws PosixException;

  /** A registered child. Loop thread. */
  interface Child {
    int pid();

    String owner();

    /** Sends a signal to this very process, through its pidfd; false when it has ended. */
    boolean signal(int signal);
  }

  /** A child whose owner waits for it, from one thread. */
  interface OwnedChild extends AutoCloseable {
    int pid();

    /** Readable when the child has ended. Owned by this object. */
    int pidfd();

    /** Sends a signal through the pidfd; false when the child has ended. Any thread. */
    boolean signal(int signal);

    /**
     * The status if the child has ended, waiting at most {@code timeoutNanos} (negative: for ever);
     * else TimedOut.
     */
    ExitStatus await(long timeoutNanos);

    /**
     * Gives up waiting: a child still alive is handed to the reaper, which collects it. Never
     * kills.
     */
    @Override
    void close();
  }
}
