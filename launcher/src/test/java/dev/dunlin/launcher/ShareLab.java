package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A VM with shares whose guest is the network namespace that it runs in: a TAP has the guest's
 * address, and SMB clients run beside. Everything on disk lies in one directory.
 */
final class ShareLab implements AutoCloseable {
  private static final Pattern HELPER =
      Pattern.compile("helper 'smb' pid (\\d+) for \\S+: running");

  private final Path directory;
  private final DunlinProcess dunlin;

  private ShareLab(Path directory, DunlinProcess dunlin) {
    this.directory = directory;
    this.dunlin = dunlin;
  }

  /** What a lab is made of; the directory is removed by whoever made it. */
  static final class Plan {
    private final Path directory;
    private final Map<String, String> environment = new HashMap<>(Map.of("DUNLIN_BUILD", "never"));
    private final List<String> machine = new ArrayList<>(List.of("-M", "pc-0.12", "-m", "16"));
    private final List<String> namespaces = new ArrayList<>();
    private Seat seat = Seat.ROOT;
    private String before = "true";
    private String loopback = "ip link set lo up";
    private List<String> program = DunlinProcess.command();

    /** A share and a place for what Samba writes, in {@code directory}. */
    Plan(Path directory) throws IOException {
      this.directory = directory;
      TempDirs.openToAll(directory);
      Files.createDirectory(temporary());
      Files.createDirectory(share());
      TempDirs.openToAll(temporary());
      TempDirs.openToAll(share());
      environment.put("TMPDIR", temporary().toString());
    }

    Path temporary() {
      return directory.resolve("tmp");
    }

    Path share() {
      return directory.resolve("share");
    }

    Plan as(Seat who) {
      seat = who;
      return this;
    }

    /** Shell commands of the namespace's root, before Dunlin starts. */
    Plan after(String commands) {
      before = commands;
      return this;
    }

    Plan withoutLoopback() {
      loopback = "true";
      return this;
    }

    /** Dunlin is the first process of a container: PID 1. */
    Plan container() {
      namespaces.addAll(List.of("--pid", "--fork", "--mount-proc", "--kill-child"));
      return this;
    }

    Plan smbd(Path file) {
      environment.put("DUNLIN_JAVA_OPTS", "-Ddunlin.smbd=" + file);
      return this;
    }

    Plan environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    Plan machine(String... options) {
      machine.addAll(List.of(options));
      return this;
    }

    /** The script or jar to run: one that the user of the seat can read. */
    Plan program(List<String> command) {
      program = command;
      return this;
    }

    /** Starts with {@code -netdev user,OPTIONS}. */
    ShareLab start(String options) {
      return new ShareLab(directory, process(options));
    }

    /** As {@link #start}, when it is to end at once. */
    ChildProcess.Result refusal(String options) {
      try (DunlinProcess refused = process(options)) {
        return refused.process().awaitResult(Await.GENEROUS);
      }
    }

    private DunlinProcess process(String options) {
      String tap =
          "%s; ip tuntap add tap0 mode tap user %d; ip address add 10.0.2.15/24 dev tap0; ip link set tap0 up; %s"
              .formatted(loopback, seat.user(), before);
      List<String> arguments = new ArrayList<>(machine);
      arguments.addAll(List.of("-netdev", "user,id=u," + options));
      arguments.addAll(List.of("-netdev", "tap,id=t,ifname=tap0,script=no,downscript=no"));
      arguments.addAll(List.of("-netdev", "hubport,id=h0,hubid=0,netdev=u"));
      arguments.addAll(List.of("-netdev", "hubport,id=h1,hubid=0,netdev=t"));
      return DunlinProcess.startInside(
          seat.prefix(tap, namespaces), program, environment, arguments.toArray(String[]::new));
    }
  }

  DunlinProcess dunlin() {
    return dunlin;
  }

  HmpClient monitor() {
    return dunlin.hmp();
  }

  /** What Dunlin logged. */
  String log() {
    return dunlin.process().stderr().text();
  }

  /** A command in the guest. */
  ChildProcess guest(String name, String... command) {
    List<String> all = new ArrayList<>(Seat.beside(dunlin.process().pid()));
    all.addAll(List.of(command));
    return ChildProcess.start(name, all);
  }

  /** smbclient in the guest, with a share open, that takes commands on its standard input. */
  ChildProcess smbclient(String share, String... arguments) {
    List<String> command = new ArrayList<>();
    // Not a terminal: only so it tells everything at once.
    command.addAll(List.of(Peer.path("stdbuf"), "-o0", Peer.path("smbclient"), "-s", "/dev/null"));
    command.add("//10.0.2.4/" + share);
    command.addAll(List.of(arguments));
    return guest("smbclient", command.toArray(String[]::new));
  }

  /** Commands of a guest that asks no questions, to their end; all that was said about them. */
  ChildProcess.Result smb(String share, String commands, String... more) {
    List<String> arguments = new ArrayList<>(List.of("-c", commands));
    arguments.addAll(List.of(more));
    if (!arguments.contains("-U")) {
      arguments.add("-N");
    }
    try (ChildProcess client = smbclient(share, arguments.toArray(String[]::new))) {
      client.closeStdin();
      return client.awaitResult(Await.GENEROUS);
    }
  }

  /** What the file {@code there} of a share says to the guest, or what smbclient says instead. */
  String read(String share, String... more) throws IOException {
    Path got = directory.resolve("got");
    Files.deleteIfExists(got);
    ChildProcess.Result result = smb(share, "get there " + got, more);
    return Files.exists(got) ? Files.readString(got) : result.stdout() + result.stderr();
  }

  /** The PID of the helper that serves a guest now, once there is just one. */
  long helper(HmpClient monitor) {
    return Await.value(
        "one helper",
        () -> {
          Matcher helper = HELPER.matcher(monitor.command("info usernet"));
          List<Long> pids = helper.results().map(found -> Long.parseLong(found.group(1))).toList();
          return pids.size() == 1 ? Optional.of(pids.get(0)) : Optional.empty();
        });
  }

  /** Waits until no helper serves a guest. */
  void awaitNoHelper(HmpClient monitor) {
    Await.until(
        "no helper",
        () ->
            monitor
                .command("info children")
                .lines()
                .noneMatch(line -> line.contains("owner=u smb,") && line.contains(" running")));
  }

  /** Quits, and finds nothing left where Samba wrote. */
  void quit(HmpClient monitor) throws IOException {
    monitor.send("quit\n");
    assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
    assertEquals(List.of(), samba(), "Samba's directory is gone");
  }

  /** Private directories that are there. */
  List<String> samba() throws IOException {
    return samba(directory);
  }

  static List<String> samba(Path directory) throws IOException {
    try (Stream<Path> left = Files.list(directory.resolve("tmp"))) {
      return left.map(path -> path.getFileName().toString()).toList();
    }
  }

  @Override
  public void close() {
    dunlin.close();
  }
}
