package dev.dunlin.core.child;

/**
 * Children that outlive their emulator: closing doesn't kill, and where the JVM goes on (an
 * embedder's) nobody but us may collect them. One daemon thread each, which ends with the child; a
 * JVM that ends leaves the rest to init.
 */
final class Survivors {
  private Survivors() {}

  /** Takes the handle over: collects the child when it ends, whenever that is. Any thread. */
  static void leave(ProcessSource.Handle process) {
    Thread thread = new Thread(() -> collect(process), "dunlin-survivor-" + process.pid());
    thread.setDaemon(true);
    thread.start();
  }

  private static void collect(ProcessSource.Handle process) {
    try (process) {
      process.awaitEnd(-1);
      process.collect();
    }
  }
}
