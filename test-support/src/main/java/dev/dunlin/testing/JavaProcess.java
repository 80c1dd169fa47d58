package dev.dunlin.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class of the tests' own class path in a JVM of its own. */
public final class JavaProcess {
  private JavaProcess() {}

  public static ChildProcess start(Class<?> main, String... arguments) {
    return startWith(List.of(), main.getName(), arguments);
  }

  /**
   * @param flags for the JVM, after those that every such process has
   */
  public static ChildProcess startWith(List<String> flags, String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main);
    command.addAll(List.of(arguments));
    return ChildProcess.start(main.substring(main.lastIndexOf('.') + 1), command);
  }
}
