package dev.dunlin.testing;

import java.util.concurrent.Executor;

/**
 * A thread for each task, so that tasks may wait for one another. The common pool has a single one
 * where there are two cores, and since Java 25 that is what CompletableFuture uses there.
 */
public final class OwnThread implements Executor {
  public static final OwnThread EACH = new OwnThread();

  private OwnThread() {}

  @Override
  public void execute(Runnable task) {
    Thread thread = new Thread(task, "test task");
    thread.setDaemon(true);
    thread.start();
  }
}
