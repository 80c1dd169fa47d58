package dev.dunlin.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real QEMU beside the test, spoken to by QMP on a unix socket in a directory of its own. Closing
 * it kills the process and removes the directory.
 */
public final class RealQemu implements AutoCloseable {
  private final Path directory;
  private final ChildProcess process;
  private final QmpClient qmp;

  private RealQemu(Path directory, ChildProcess process, QmpClient qmp) {
    this.directory = directory;
    this.process = process;
    this.qmp = qmp;
  }

  /** Starts {@code qemu-system-x86_64 -accel tcg -display none ARGS} and waits for its QMP. */
  public static RealQemu start(String... arguments) {
    Path directory = TempDirs.create("qemu");
    Path socket = directory.resolve("qmp");
    List<String> command = new ArrayList<>();
    command.add(Peer.path("qemu-system-x86_64"));
    command.addAll(List.of("-accel", "tcg", "-display", "none"));
    command.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
    command.addAll(List.of(arguments));
    ChildProcess process = ChildProcess.start("qemu", command);
    try {
      RealQemu qemu = new RealQemu(directory, process, process.connectQmp(socket));
      qemu.qmp.execute(
          "migrate-set-capabilities",
          Map.of("capabilities", List.of(Map.of("capability", "events", "state", true))));
      return qemu;
    } catch (RuntimeException | Error e) {
      process.close();
      TempDirs.delete(directory);
      throw e;
    }
  }

  /** Runs QEMU to its end with these arguments, for its words and exit status. */
  public static ChildProcess.Result run(Duration limit, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Peer.path("qemu-system-x86_64"));
    command.addAll(List.of("-accel", "tcg", "-display", "none"));
    command.addAll(List.of(arguments));
    try (ChildProcess process = ChildProcess.start("qemu", command)) {
      return process.awaitResult(limit);
    }
  }

  public QmpClient qmp() {
    return qmp;
  }

  public ChildProcess process() {
    return process;
  }

  /** What {@code query-status} says now: {@code paused}. */
  public String status() {
    return String.valueOf(qmp.query("query-status").get("status"));
  }

  /** Waits for a run state. Fails with QEMU's own words when it ends instead. */
  public void awaitStatus(String wanted) {
    Await.until(
        "QEMU's state " + wanted,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("QEMU ended. It said:\n" + process.stderr().text());
          }
          return wanted.equals(status());
        });
  }

  /** Waits until an incoming migration is over; returns its last status. */
  public String awaitMigration() {
    return Await.value(
        "the end of a migration in QEMU",
        () -> {
          String status = String.valueOf(qmp.query("query-migrate").get("status"));
          boolean over = List.of("completed", "failed", "cancelled").contains(status);
          return over ? Optional.of(status) : Optional.empty();
        });
  }

  /** SHA-256 of guest-physical memory. */
  public String sha256(long address, long length) {
    Path file = directory.resolve("memory");
    try {
      qmp.execute("pmemsave", Map.of("val", address, "size", length, "filename", file.toString()));
      return Sha256.of(file);
    } finally {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    qmp.close();
    process.close();
    TempDirs.delete(directory);
  }
}
