package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace of this test's own, with its loopback up. Needs {@code ip} and root. */
final class Netns implements AutoCloseable {
  private static final AtomicInteger MADE = new AtomicInteger();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String name =
      "dunlin-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();

  private Netns() {}

  static Netns create() {
    Netns made = new Netns();
    host("netns", "add", made.name);
    made.run("ip link set lo up");
    return made;
  }

  /** For {@code netns=}. */
  String path() {
    return "/run/netns/" + name;
  }

  /** Runs a program inside to its end; fails unless it exits with 0. Returns what it printed. */
  String run(String command) {
    try (ChildProcess process = start(command)) {
      ChildProcess.Result result = process.awaitResult(LIMIT);
      assertEquals(0, result.exitStatus(), () -> command + ": " + result);
      return result.stdout();
    }
  }

  /** The same, but it may fail. */
  ChildProcess.Result result(String command) {
    try (ChildProcess process = start(command)) {
      return process.awaitResult(LIMIT);
    }
  }

  ChildProcess start(String command) {
    List<String> words = new ArrayList<>(List.of(Peer.path("ip"), "netns", "exec", name));
    words.addAll(Arrays.asList(command.split(" ")));
    return ChildProcess.start(command, words);
  }

  private static void host(String... words) {
    List<String> command = new ArrayList<>(List.of(Peer.path("ip")));
    command.addAll(List.of(words));
    try (ChildProcess process = ChildProcess.start("ip", command)) {
      ChildProcess.Result result = process.awaitResult(LIMIT);
      assertEquals(0, result.exitStatus(), result.stderr());
    }
  }

  @Override
  public void close() {
    host("netns", "delete", name);
  }
}
