package dev.dunlin.migration.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.JavaProcess;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Streams of Dunlin's and of a real QEMU's, and thousands that were made of them: each is taken or
 * refused with a sentence, soon, within a heap of 64 MiB, and a machine that refused one is as it
 * was. {@link FuzzIT} looks for more.
 */
@RequiresPeer("qemu-system-x86_64")
class HostileStreamsIT {
  private static final List<String> SMALL =
      List.of("-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");
  private static final Pattern LINE =
      Pattern.compile("(\\w+) taken (\\d+) refused (\\d+) slowest (\\d+) ms all \\d+ ms");

  @TempDir Path directory;

  @Test
  void every_mutation_is_taken_or_refused_and_leaves_nothing_behind() throws Exception {
    Path seeds = directory.resolve("seeds");
    Seeds.make(seeds, Files.createDirectory(directory.resolve("work")));
    try (ChildProcess run =
        JavaProcess.startWith(SMALL, HostileRun.class.getName(), seeds.toString())) {
      ChildProcess.Result result = run.awaitResult(Duration.ofMinutes(5));
      String said = result.stdout() + result.stderr();
      assertEquals(0, result.exitStatus(), said);
      List<String> lines = result.stdout().lines().toList();
      assertEquals(HostileRun.names(), lines.stream().map(l -> l.split(" ", 2)[0]).toList());
      for (String line : lines) {
        Matcher counts = LINE.matcher(line);
        assertTrue(counts.matches(), line);
        assertTrue(Integer.parseInt(counts.group(3)) > 5, line);
      }
    }
  }
}
