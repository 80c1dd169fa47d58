package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel sees of Dunlin's children. */
@NoLeaks
final class ChildrenIT {
  private static final Pattern TRACE_LINE = Pattern.compile("(\\d+) +(.*)");

  @TempDir Path temp;

  @Test
  @RequiresPeer("strace")
  void no_thread_of_dunlin_waits_for_any_child() throws Exception {
    Path trace = temp.resolve("trace");
    List<String> command = new ArrayList<>();
    command.addAll(List.of(Peer.path("strace"), "-f", "-o", trace.toString()));
    command.addAll(List.of("-e", "trace=wait4,waitid,execve"));
    command.addAll(DunlinProcess.javaCommand("dev.dunlin.launcher.Main"));
    command.addAll(List.of("-m", "8", "-monitor", "stdio"));
    try (ChildProcess dunlin = ChildProcess.start("strace", command);
        HmpClient monitor = dunlin.hmp()) {
      for (String sink : List.of("cat >/dev/null", "exit 3", "no-such-command", "kill -9 $$")) {
        monitor.command("migrate \"exec:" + sink + "\"");
        monitor.command("cont");
      }
      monitor.send("quit\n");
      dunlin.awaitResult(Await.GENEROUS);
    }
    List<String> ours = linesOfTheJvm(trace);
    List<String> waits =
        ours.stream().filter(line -> line.contains("wait4(") || line.contains("waitid(")).toList();
    assertTrue(waits.size() >= 4, "children were waited for: " + waits);
    assertEquals(
        List.of(),
        waits.stream()
            .filter(line -> line.matches(".*(wait4\\((-1|0)|waitid\\(P_(ALL|PGID)).*"))
            .toList());
  }

  /**
   * Lines of the JVM's threads: the first process to call execve, and every thread but those that
   * become other programs, which have an execve of their own.
   */
  private static List<String> linesOfTheJvm(Path trace) throws Exception {
    List<String> lines = Files.readAllLines(trace);
    String jvm = "";
    Set<String> others = new HashSet<>();
    for (String line : lines) {
      Matcher matcher = TRACE_LINE.matcher(line);
      if (matcher.matches() && matcher.group(2).startsWith("execve(")) {
        if (jvm.isEmpty()) {
          jvm = matcher.group(1);
        } else if (!matcher.group(1).equals(jvm)) {
          others.add(matcher.group(1));
        }
      }
    }
    return lines.stream().filter(line -> !others.contains(line.split(" ")[0])).toList();
  }

  @Test
  void a_child_has_descriptors_0_to_2_and_no_other() throws Exception {
    Path list = temp.resolve("list");
    try (DunlinProcess dunlin =
            DunlinProcess.startWithMonitors("-m", "8", "-net", "nic", "-net", "user");
        HmpClient monitor = dunlin.hmp()) {
      monitor.command("migrate \"exec:ls -l /proc/self/fd >" + list + "; cat >/dev/null\"");
      assertTrue(monitor.command("info migrate").contains("Migration status: completed"));
    }
    try (Stream<String> lines = Files.lines(list)) {
      List<String> descriptors = lines.filter(line -> line.contains("->")).toList();
      // The fourth is the directory that ls itself has open.
      assertEquals(4, descriptors.size(), descriptors::toString);
      assertTrue(descriptors.get(0).contains(" 0 -> pipe:"), descriptors::toString);
      assertTrue(descriptors.get(1).contains(" 1 -> " + list), descriptors::toString);
      assertTrue(descriptors.get(2).contains(" 2 -> "), descriptors::toString);
      assertTrue(descriptors.get(3).matches(".* 3 -> /proc/\\d+/fd"), descriptors::toString);
    }
  }
}
