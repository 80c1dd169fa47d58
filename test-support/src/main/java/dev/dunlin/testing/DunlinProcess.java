package dev.dunlin.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Dunlin itself in a process of its own. Integration tests run the built {@code ./dunlin}; tests of
 * a build in progress run a main class on their own class path.
 */
public final class DunlinProcess implements AutoCloseable {
  private static final String MAIN = "dev.dunlin.launcher.Main";

  private final Path directory;
  private final ChildProcess process;

  private DunlinProcess(Path directory, ChildProcess process) {
    this.directory = directory;
    this.process = process;
  }

  /** The checkout that is being tested. */
  public static Path root() {
    return Path.of(System.getProperty("dunlin.root", System.getProperty("user.dir", ".")));
  }

  /** {@code ./dunlin ARGS}. */
  public static DunlinProcess start(String... arguments) {
    return startIn(TempDirs.create("vm"), List.of(arguments));
  }

  /**
   * {@code ./dunlin ARGS} with a human monitor on the unix socket {@link #monitorSocket} and a
   * machine monitor on {@link #qmpSocket}.
   */
  public static DunlinProcess startWithMonitors(String... arguments) {
    Path directory = TempDirs.create("vm");
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(monitors(directory));
    return startIn(directory, all);
  }

  private static List<String> monitors(Path directory) {
    return List.of(
        "-monitor",
        "unix:" + directory.resolve("hmp") + ",server,nowait",
        "-qmp",
        "unix:" + directory.resolve("qmp") + ",server,nowait");
  }

  /**
   * As {@link #startWithMonitors}, from within a command such as unshare(1) that becomes what it is
   * told to run.
   *
   * @param program what {@link #command} is elsewhere
   * @param environment added to ours
   */
  public static DunlinProcess startInside(
      List<String> prefix,
      List<String> program,
      Map<String, String> environment,
      String... arguments) {
    Path directory = TempDirs.create("vm");
    // It may run as another user than we.
    TempDirs.openToAll(directory);
    List<String> all = new ArrayList<>(prefix);
    all.addAll(program);
    all.addAll(List.of(arguments));
    all.addAll(monitors(directory));
    return new DunlinProcess(
        directory, ChildProcess.start("dunlin", all, Optional.empty(), environment));
  }

  /** {@code java -cp (this test's class path) MAINCLASS ARGS}. */
  public static DunlinProcess startOnClassPath(String mainClass, String... arguments) {
    List<String> command = javaCommand(mainClass);
    command.addAll(List.of(arguments));
    return new DunlinProcess(TempDirs.create("vm"), ChildProcess.start("dunlin", command));
  }

  /** Runs {@code ./dunlin ARGS} to its end. */
  public static ChildProcess.Result run(Duration limit, String... arguments) {
    List<String> command = command();
    command.addAll(List.of(arguments));
    try (ChildProcess process = ChildProcess.start("dunlin", command)) {
      process.closeStdin();
      return process.awaitResult(limit);
    }
  }

  /** {@code ./dunlin} when it is built, else the main class on the test's own class path. */
  public static List<String> command() {
    Path script = root().resolve("dunlin");
    List<String> command = new ArrayList<>();
    if (Files.exists(root().resolve("launcher/target/dunlin.jar"))) {
      command.add(script.toString());
      return command;
    }
    return javaCommand(MAIN);
  }

  /** {@code java} with this JVM's own flags that matter and the test's class path. */
  public static List<String> javaCommand(String mainClass) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", "/usr"), "bin", "java").toString());
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "."), mainClass));
    return command;
  }

  private static DunlinProcess startIn(Path directory, List<String> arguments) {
    List<String> command = command();
    command.addAll(arguments);
    return new DunlinProcess(directory, ChildProcess.start("dunlin", command));
  }

  public ChildProcess process() {
    return process;
  }

  /** A directory for sockets and files, removed at the end. */
  public Path directory() {
    return directory;
  }

  public Path monitorSocket() {
    return directory.resolve("hmp");
  }

  public Path qmpSocket() {
    return directory.resolve("qmp");
  }

  /** The monitor on stdio ({@code -monitor stdio}). */
  public HmpClient stdio() {
    return process.hmp();
  }

  public HmpClient hmp() {
    return process.connectHmp(monitorSocket());
  }

  public QmpClient qmp() {
    return process.connectQmp(qmpSocket());
  }

  @Override
  public void close() {
    process.close();
    TempDirs.delete(directory);
  }
}
