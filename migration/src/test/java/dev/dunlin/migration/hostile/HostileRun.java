package dev.dunlin.migration.hostile;

import dev.dunlin.testing.LeakCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * All mutations of all seeds for all targets, in a process whose heap is small: what allocates by
 * what a stream claims dies here. A stream that isn't done with in time ends the process.
 */
final class HostileRun {
  private static final long LIMIT_NANOS = 10_000_000_000L;
  private static final long LOOK_MILLIS = 200;

  private volatile String doing = "";
  private volatile long since = System.nanoTime();
  private int taken;
  private int refused;
  private long slowest;

  private HostileRun() {}

  /** Prints one line a target; its first word is the target's name. */
  public static void main(String[] arguments) throws Exception {
    HostileRun run = new HostileRun();
    Thread watchdog = new Thread(run::watch, "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    for (StreamTarget target : StreamTarget.values()) {
      run.target(target, Path.of(arguments[0], target.name()));
    }
    System.out.flush();
    System.exit(0);
  }

  private void watch() {
    while (true) {
      if (System.nanoTime() - since > LIMIT_NANOS) {
        System.out.println("hangs: " + doing);
        Thread.getAllStackTraces().forEach((thread, stack) -> print(thread, stack));
        System.out.flush();
        Runtime.getRuntime().halt(3);
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void print(Thread thread, StackTraceElement[] stack) {
    System.out.println(thread);
    for (StackTraceElement element : stack) {
      System.out.println("  " + element);
    }
  }

  private void target(StreamTarget target, Path seeds) throws Exception {
    taken = 0;
    refused = 0;
    slowest = 0;
    long start = System.nanoTime();
    StreamTarget.Taker taker = target.open();
    try (Stream<Path> files = Files.list(seeds)) {
      for (Path file : files.sorted().toList()) {
        byte[] seed = Files.readAllBytes(file);
        String name = target + " " + file.getFileName();
        if (!take(taker, name, seed)) {
          throw new AssertionError(name + ": the seed itself is refused");
        }
        // What was opened for the first stream stays open.
        try (LeakCheck nothingLeft = LeakCheck.begin()) {
          Mutations.each(seed, (how, bytes) -> count(take(taker, name + ": " + how, bytes)));
        }
      }
    }
    for (byte[] stream : Crafted.of(target)) {
      count(take(taker, target + " crafted", stream));
    }
    System.out.printf(
        "%s taken %d refused %d slowest %d ms all %d ms%n",
        target, taken, refused, slowest / 1_000_000, (System.nanoTime() - start) / 1_000_000);
  }

  private void count(boolean wasTaken) {
    if (wasTaken) {
      taken++;
    } else {
      refused++;
    }
  }

  private boolean take(StreamTarget.Taker taker, String what, byte[] bytes) {
    doing = what;
    since = System.nanoTime();
    try {
      return taker.take(bytes);
    } catch (Throwable e) {
      throw new AssertionError(what, e);
    } finally {
      slowest = Math.max(slowest, System.nanoTime() - since);
      since = System.nanoTime();
    }
  }

  /** For the test's report. */
  static List<String> names() {
    return Stream.of(StreamTarget.values()).map(StreamTarget::name).toList();
  }
}
