package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Children that the host application starts by {@code java.lang.Process}, on its own thread. */
final class Strangers implements AutoCloseable {
  private final Queue<String> surprises = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitedFor = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "strangers");
  private volatile boolean stop;

  private Strangers() {}

  static Strangers start() {
    Strangers strangers = new Strangers();
    strangers.thread.start();
    return strangers;
  }

  /** How many have been waited for. */
  int count() {
    return waitedFor.get();
  }

  void assertAllTrue() {
    assertTrue(waitedFor.get() > 0, "strangers ran meanwhile");
    assertEquals("[]", surprises.toString());
  }

  private void run() {
    for (int i = 0; !stop; i++) {
      int expected = i % 200;
      try {
        int status =
            new ProcessBuilder("/bin/sh", "-c", "exit " + expected)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        waitedFor.incrementAndGet();
        if (status != expected) {
          surprises.add("a stranger that exited with " + expected + " was told " + status);
        }
      } catch (IOException | InterruptedException e) {
        surprises.add(e.toString());
        return;
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop = true;
    thread.join();
  }
}
