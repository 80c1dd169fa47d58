package dev.dunlin.core.loop;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The loop thread of one emulator: descriptors, timers and tasks, one at a time. Everything of a VM
 * that isn't guest execution happens here.
 *
 * <p>{@link #execute} may be called from any thread; all else asserts the loop thread.
 */
public interface MainLoop extends Executor {

  /** Queues a task; tasks of one thread run in the order in which it queued them. Any thread. */
  @Override
  void execute(Runnable task);

  /** Whether the caller is the loop thread. Any thread. */
  boolean isLoopThread();

  /** Throws {@link IllegalStateException} unless the caller is the loop thread. */
  void assertOnLoop();

  Clock clock();

  /** Runs {@code task} once, no earlier than after {@code delay}. */
  LoopTimer schedule(Duration delay, Runnable task);

  /**
   * Watches a descriptor, level-triggered, until the watch is closed. The loop never closes the fd
   * itself.
   */
  FdWatch watch(int fd, FdEvents interest, FdHandler handler);

  /** A task that waits for its time. */
  interface LoopTimer {
    /** Harmless when the task has run. */
    void cancel();

    boolean isPending();
  }

  /** One watched descriptor. */
  interface FdWatch extends AutoCloseable {
    void setInterest(FdEvents interest);

    /**
     * Stops watching; call it before the fd is closed. No handler call comes after it. Idempotent.
     */
    @Override
    void close();
  }

  /** Called on the loop thread when a watched descriptor is ready. */
  @FunctionalInterface
  interface FdHandler {
    void ready(FdEvents events);
  }
}
