package dev.dunlin.bench.net;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.ProcFs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A network namespace of this run. Its name holds our PID, by which a later run knows what a killed
 * one left.
 */
final class Namespace implements AutoCloseable {
  private static final Path MOUNTS = Path.of("/run/netns");
  private static final String PREFIX = "dunlin-bench-";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final String name;

  private Namespace(String name) {
    this.name = name;
  }

  static Namespace create(String purpose) {
    Namespace made = new Namespace(PREFIX + ProcessHandle.current().pid() + "-" + purpose);
    run(List.of(Peer.path("ip"), "netns", "add", made.name));
    made.ip("link set lo up");
    return made;
  }

  /** Removes what runs left that were killed. */
  static void removeAbandoned() throws IOException {
    if (!Files.isDirectory(MOUNTS)) {
      return;
    }
    try (Stream<Path> mounts = Files.list(MOUNTS)) {
      mounts
          .map(mount -> mount.getFileName().toString())
          .filter(name -> name.startsWith(PREFIX) && !ownerLives(name))
          .forEach(name -> new Namespace(name).close());
    }
  }

  private static boolean ownerLives(String name) {
    String pid = name.substring(PREFIX.length()).replaceFirst("-.*", "");
    return pid.matches("\\d{1,9}") && ProcFs.threads(Long.parseLong(pid)) > 0;
  }

  String name() {
    return name;
  }

  /** A number that no other namespace of this run has. */
  String serial() {
    return name.substring(name.lastIndexOf('-') + 1);
  }

  Path path() {
    return MOUNTS.resolve(name);
  }

  /** {@code ip -n NAME WORDS}. */
  String ip(String words) {
    List<String> command = new ArrayList<>(List.of(Peer.path("ip"), "-n", name));
    command.addAll(Arrays.asList(words.split(" ")));
    return run(command);
  }

  boolean hasLink(String link) {
    return ip("-o link").contains(": " + link);
  }

  void sysctl(String setting) {
    run(inside(List.of(Peer.path("sysctl"), "-qw", setting)));
  }

  /** The command that runs {@code command} in here, as the same process. */
  List<String> inside(List<String> command) {
    List<String> all = new ArrayList<>(List.of(Peer.path("ip"), "netns", "exec", name));
    all.addAll(command);
    return all;
  }

  /** Runs a command to its end; what it printed. One that fails is told in its own words. */
  static String run(List<String> command) {
    String line = String.join(" ", command);
    try (ChildProcess process = ChildProcess.start(line, command)) {
      process.closeStdin();
      ChildProcess.Result result = process.awaitResult(LIMIT);
      if (result.exitStatus() != 0) {
        throw new IllegalStateException(line + ": " + result.stderr() + result.stdout());
      }
      return result.stdout();
    }
  }

  /** Ends all that runs in it, which is ours, and removes it. */
  @Override
  public void close() {
    if (!Files.exists(path())) {
      return;
    }
    String pids = run(List.of(Peer.path("ip"), "netns", "pids", name));
    pids.lines()
        .map(String::trim)
        .filter(pid -> !pid.isEmpty())
        .forEach(pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(Namespace::end));
    run(List.of(Peer.path("ip"), "netns", "del", name));
    try {
      Files.deleteIfExists(path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().orTimeout(LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS).join();
  }
}
