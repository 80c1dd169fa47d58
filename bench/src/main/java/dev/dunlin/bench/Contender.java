package dev.dunlin.bench;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One of the two programs, running a stopped machine that it saves again and again. */
final class Contender implements AutoCloseable {
  /** Both limit themselves to 128 MiB/s otherwise. */
  private static final long UNLIMITED = 1L << 40;

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final String name;
  private final Path directory;
  private final ChildProcess process;
  private final QmpClient qmp;

  private Contender(String name, Path directory, ChildProcess process, QmpClient qmp) {
    this.name = name;
    this.directory = directory;
    this.process = process;
    this.qmp = qmp;
  }

  /** What one migration took, in seconds, and what the program itself says it took. */
  record Time(double measured, double reported) {}

  static Contender start(String name, List<String> program, List<String> machine) {
    Path directory = TempDirs.create("bench");
    Path socket = directory.resolve("qmp");
    List<String> command = new ArrayList<>(program);
    command.addAll(machine);
    command.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
    ChildProcess process = ChildProcess.start(name, command);
    try {
      QmpClient qmp = process.connectQmp(socket);
      qmp.execute(
          "migrate-set-capabilities",
          Map.of("capabilities", List.of(Map.of("capability", "events", "state", true))));
      qmp.execute("migrate-set-parameters", Map.of("max-bandwidth", UNLIMITED));
      return new Contender(name, directory, process, qmp);
    } catch (RuntimeException | Error e) {
      process.close();
      TempDirs.delete(directory);
      throw e;
    }
  }

  String name() {
    return name;
  }

  /** From sending the command to the event that says it is complete. */
  Time migrate(String uri) {
    standStill();
    long start = System.nanoTime();
    qmp.execute("migrate", Map.of("uri", uri));
    qmp.awaitMigration("completed", LIMIT);
    double measured = (System.nanoTime() - start) / 1e9;
    // QEMU 7.2 says so before it has got there, and crashes when it is told more in between.
    Await.until("postmigrate", () -> "postmigrate".equals(status()));
    Object total = qmp.query("query-migrate").get("total-time");
    return new Time(measured, Long.parseLong(String.valueOf(total)) / 1e3);
  }

  /** A machine that was just saved may not be saved again until it ran. */
  private void standStill() {
    if (status().equals("postmigrate")) {
      qmp.execute("cont");
      qmp.execute("stop");
    }
  }

  private String status() {
    return String.valueOf(qmp.query("query-status").get("status"));
  }

  @Override
  public void close() {
    qmp.close();
    process.close();
    TempDirs.delete(directory);
  }
}
