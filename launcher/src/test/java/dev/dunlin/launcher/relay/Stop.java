package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.Sha256;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One of the two programs where a guest is for a while, spoken to by its human monitor. */
final class Stop implements AutoCloseable {
  private static final Pattern WORD = Pattern.compile(": 0x([0-9a-f]+)");

  private final AutoCloseable program;
  private final ChildProcess process;
  private final Path directory;
  private final MonitorLine monitor;
  private final boolean isDunlin;

  private Stop(
      AutoCloseable program, ChildProcess process, Path directory, Path monitor, boolean isDunlin)
      throws IOException {
    this.program = program;
    this.process = process;
    this.directory = directory;
    this.isDunlin = isDunlin;
    this.monitor = MonitorLine.connect(monitor);
  }

  static Stop dunlin(String... arguments) throws IOException {
    Path directory = TempDirs.create("stop");
    DunlinProcess dunlin = DunlinProcess.startWithMonitors(arguments);
    return new Stop(dunlin, dunlin.process(), directory, dunlin.monitorSocket(), true);
  }

  static Stop qemu(String... arguments) throws IOException {
    Path directory = TempDirs.create("stop");
    Path socket = directory.resolve("hmp");
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("-monitor", "unix:" + socket + ",server=on,wait=off"));
    RealQemu qemu = RealQemu.start(all.toArray(String[]::new));
    return new Stop(qemu, qemu.process(), directory, socket, false);
  }

  ChildProcess process() {
    return process;
  }

  /** Ends it without a word to anybody. */
  void kill() {
    process.signal("KILL");
    Await.until("its end", () -> !process.isAlive());
  }

  MonitorLine monitor() {
    return monitor;
  }

  /** Whether it knows {@code file:}; QEMU does from 8.2 on. */
  boolean knowsFiles() {
    return isDunlin;
  }

  /** A command that says nothing when it works. */
  void does(String command) throws IOException {
    assertEquals("", monitor.command(command), command);
  }

  /** {@code paused (postmigrate)}. */
  String status() throws IOException {
    return monitor.command("info status").strip().replace("VM status: ", "");
  }

  /** Waits for the end of its side of a migration, which must be a good one. */
  void awaitCompleted() {
    Await.until(
        "the end of a migration",
        () -> {
          String info = info();
          if (info.contains("Migration status: failed")) {
            throw new AssertionError(info);
          }
          return info.contains("Migration status: completed");
        });
  }

  /** Waits until its migration has failed; what it says about that. */
  String awaitFailed() {
    return Await.value(
        "a migration to fail",
        () -> Optional.of(info()).filter(info -> info.contains("Migration status: failed")));
  }

  String info() throws IOException {
    return monitor.command("info migrate");
  }

  /** The number behind a name of {@code info migrate}; 0 when it isn't there. */
  long figure(String name) throws IOException {
    Matcher matcher = Pattern.compile("^" + name + ": (\\d+)", Pattern.MULTILINE).matcher(info());
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /** SHA-256 of guest-physical memory. */
  String sha256(long address, long length) throws IOException {
    Path file = directory.resolve("memory");
    does("pmemsave 0x%x 0x%x \"%s\"".formatted(address, length, file));
    try {
      return Sha256.of(file);
    } finally {
      Files.delete(file);
    }
  }

  /** 32 bits of guest-physical memory. */
  long word(long address) throws IOException {
    String answer = monitor.command("xp /1wx 0x%x".formatted(address));
    Matcher matcher = WORD.matcher(answer);
    if (!matcher.find()) {
      throw new AssertionError(answer);
    }
    return Long.parseLong(matcher.group(1), 16);
  }

  @Override
  public void close() throws Exception {
    monitor.close();
    program.close();
    TempDirs.delete(directory);
  }
}
