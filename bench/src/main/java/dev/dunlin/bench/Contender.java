package dev.dunlin.bench;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One of the two programs, running a machine. */
public final class Contender implements AutoCloseable {
  /** Both limit themselves to 128 MiB/s otherwise. */
  public static final long UNLIMITED = 1L << 40;

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final List<String> OVER = List.of("completed", "failed", "cancelled");

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

  /**
   * What one migration took, in seconds: seen, said by the program itself, and of CPU time, that of
   * its command included.
   */
  record Time(double measured, double reported, double cpu) {}

  /** The real one. */
  public static Contender qemu(List<String> machine) {
    return start(
        "qemu",
        List.of(Peer.path("qemu-system-x86_64"), "-accel", "tcg", "-display", "none"),
        machine);
  }

  public static Contender dunlin(List<String> machine) {
    return start("dunlin", DunlinProcess.command(), machine);
  }

  private static Contender start(String name, List<String> program, List<String> machine) {
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

  public String name() {
    return name;
  }

  public QmpClient qmp() {
    return qmp;
  }

  /** For its sockets and those of its receiver; goes with it. */
  Path directory() {
    return directory;
  }

  /** From sending the command to the event that says it is complete. */
  Time migrate(String uri, int multifdChannels) {
    standStill();
    Multifd.setUp(qmp, multifdChannels);
    double cpu = Usage.cpuSecondsWithChildren(process.pid());
    long start = System.nanoTime();
    qmp.execute("migrate", Map.of("uri", uri));
    qmp.awaitEvent("MIGRATION", event -> OVER.contains(statusIn(event)), LIMIT);
    double measured = (System.nanoTime() - start) / 1e9;
    Map<String, Object> end = qmp.query("query-migrate");
    if (!"completed".equals(end.get("status"))) {
      throw new IllegalStateException(name + " to " + uri + ": " + end);
    }
    // QEMU 7.2 says so before it has got there, and crashes when it is told more in between.
    awaitStatus("postmigrate");
    cpu = Usage.cpuSecondsWithChildren(process.pid()) - cpu;
    Object total = qmp.query("query-migrate").get("total-time");
    return new Time(measured, Long.parseLong(String.valueOf(total)) / 1e3, cpu);
  }

  private static String statusIn(Map<String, Object> event) {
    return event.get("data") instanceof Map<?, ?> data ? String.valueOf(data.get("status")) : "";
  }

  /** A machine that was just saved may not be saved again until it ran. */
  private void standStill() {
    if (status().equals("postmigrate")) {
      qmp.execute("cont");
      qmp.execute("stop");
    }
  }

  /** Waits for a run state. */
  public void awaitStatus(String wanted) {
    Await.until(name + "'s state " + wanted, () -> wanted.equals(status()));
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
