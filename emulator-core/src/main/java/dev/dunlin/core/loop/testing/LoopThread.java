package dev.dunlin.core.loop.testing;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.posix.EpollPoller;
import dev.dunlin.core.posix.PosixException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A real loop on a thread of its own, for tests with real descriptors: {@link #call} runs something
 * there and hands back what it said; {@link #close} ends the thread.
 */
public final class LoopThread implements AutoCloseable {
  private final EventLoop loop;
  private final Thread thread;

  private LoopThread(EventLoop loop) {
    this.loop = loop;
    this.thread = new Thread(this::runAndClose, "test loop");
  }

  public static LoopThread start() throws PosixException {
    LoopThread started = new LoopThread(new EventLoop(Clock.system(), EpollPoller.open()));
    started.thread.start();
    // The maker of a loop counts as its thread until run() begins; don't leave before.
    started.call(() -> true);
    return started;
  }

  public EventLoop loop() {
    return loop;
  }

  /** Runs {@code task} on the loop and waits for it; what it throws comes out as the cause. */
  public <T> T call(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            result.complete(task.call());
          } catch (Exception | AssertionError | LinkageError e) {
            result.completeExceptionally(e);
          }
        });
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Stops the loop and waits for the end of its thread. */
  @Override
  public void close() throws InterruptedException {
    loop.stop();
    thread.join();
  }

  private void runAndClose() {
    loop.run();
    loop.close();
  }
}
