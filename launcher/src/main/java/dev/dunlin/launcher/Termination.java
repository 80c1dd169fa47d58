package dev.dunlin.launcher;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGINT, SIGTERM and SIGHUP end the emulator as a {@code quit} does, and with QEMU's status, 0.
 * The JVM turns them into its shutdown, so this is a shutdown hook and no signal handler: it asks
 * the loop to end, waits for that, and then ends the JVM without the 128 + n it would report.
 *
 * <p>Its own thread; {@link #finished} on the main thread.
 */
final class Termination {
  /** A loop that hasn't ended by then never will; the JVM ends all the same. */
  private static final long PATIENCE_SECONDS = 10;

  private final Emulator emulator;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "termination");
  private volatile int status;

  private Termination(Emulator emulator) {
    this.emulator = emulator;
  }

  static Termination watch(Emulator emulator) {
    Termination termination = new Termination(emulator);
    Runtime.getRuntime().addShutdownHook(termination.hook);
    return termination;
  }

  /**
   * The emulator has ended. Exits with {@code status}, or lets the hook do so if it is waiting for
   * this.
   */
  void finished(int status) {
    this.status = status;
    ended.countDown();
    if (cancel()) {
      System.exit(status);
    }
  }

  /** The JVM's shutdown is nobody's business any more; false when it is under way. */
  boolean cancel() {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      return false;
    }
  }

  private void onShutdown() {
    System.err.println("dunlin: terminating on signal" + signal().orElse(""));
    emulator.loop().execute(this::quit);
    try {
      boolean orderly = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      Runtime.getRuntime().halt(orderly ? status : 1);
    } catch (InterruptedException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  private void quit() {
    emulator.monitor().emit("SHUTDOWN", ImmutableMap.of("guest", false, "reason", "host-signal"));
    emulator.quit(0);
  }

  /**
   * Which one: the JVM handles a signal on a thread that it names after it. Only for the message;
   * without such a thread the number is left out.
   */
  private static Optional<String> signal() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .flatMap(
            name ->
                switch (name) {
                  case "SIGHUP handler" -> Optional.of(" 1").stream();
                  case "SIGINT handler" -> Optional.of(" 2").stream();
                  case "SIGTERM handler" -> Optional.of(" 15").stream();
                  default -> Optional.<String>empty().stream();
                })
        .findFirst();
  }
}
