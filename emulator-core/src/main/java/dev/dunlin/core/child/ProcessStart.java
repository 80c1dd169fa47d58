package dev.dunlin.core.child;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** When a process started, in ticks since boot: with its PID, its name for ever. */
final class ProcessStart {
  /** proc(5)'s field 22, counted behind the command name. */
  private static final int START_TIME = 19;

  private ProcessStart() {}

  /** Empty when there is no such process. */
  static Optional<String> of(int pid) {
    return fields(pid).map(fields -> fields.get(START_TIME));
  }

  /** As {@link #of}, and empty too when it has ended and only waits to be collected. */
  static Optional<String> ofLiving(int pid) {
    return fields(pid)
        .filter(fields -> isLive(fields.get(0)))
        .map(fields -> fields.get(START_TIME));
  }

  private static boolean isLive(String state) {
    return !state.equals("Z") && !state.equals("X");
  }

  private static Optional<List<String>> fields(int pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      // The name stands in parentheses and may itself contain some.
      return Optional.of(Splitter.on(' ').splitToList(stat.substring(stat.lastIndexOf(')') + 2)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
