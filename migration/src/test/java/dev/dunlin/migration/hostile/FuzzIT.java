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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Jazzer looks for streams that reach new code, for some time each target ({@code
 * dunlin.fuzz.seconds}). It instruments a whole JVM, so each target has one of its own; Jazzer is
 * on the class path only in {@code ./test fuzz}. What it learns stays in {@code target/fuzz} for
 * the next run, and so does a stream that broke something.
 */
@Tag("fuzz")
@RequiresPeer("qemu-system-x86_64")
class FuzzIT {
  private static final String JAZZER = "com.code_intelligence.jazzer.Jazzer";
  private static final Path LEARNT = Path.of("target", "fuzz").toAbsolutePath();
  private static final int SECONDS = Integer.getInteger("dunlin.fuzz.seconds", 60);
  private static final int START_SECONDS = 120;

  /** Of a single stream: what takes longer is reported. */
  private static final int TIMEOUT_SECONDS = 20;

  @TempDir static Path directory;

  private static Path seeds() {
    return directory.resolve("seeds");
  }

  @BeforeAll
  static void makeSeeds() throws Exception {
    Seeds.make(seeds(), Files.createDirectory(directory.resolve("work")));
  }

  @ParameterizedTest
  @EnumSource
  void nothing_that_a_stranger_writes_breaks_it(StreamTarget target) throws Exception {
    Path learnt = Files.createDirectories(LEARNT.resolve(target.name()));
    try (ChildProcess jazzer =
        JavaProcess.startWith(
            List.of("-Xmx512m", "-XX:TieredStopAtLevel=4", "-XX:+EnableDynamicAgentLoading"),
            JAZZER,
            "--target_class=" + FuzzEntry.class.getName(),
            "--target_args=" + target,
            "--instrumentation_includes=dev.dunlin.migration.**:dev.dunlin.ram.**",
            "--reproducer_path=" + LEARNT,
            "-artifact_prefix=" + LEARNT + "/" + target + "-",
            "-max_total_time=" + SECONDS,
            "-timeout=" + TIMEOUT_SECONDS,
            "-rss_limit_mb=2048",
            "-len_control=0",
            "-max_len=300000",
            "-print_final_stats=1",
            learnt.toString(),
            seeds().resolve(target.name()).toString())) {
      ChildProcess.Result result = jazzer.awaitResult(Duration.ofSeconds(SECONDS + START_SECONDS));
      assertEquals(0, result.exitStatus(), result.stdout() + result.stderr());
      String done = last(result.stderr(), "\tDONE ");
      assertTrue(done.contains("cov: "), result.stderr());
      System.out.println(target + " " + done);
    }
  }

  private static String last(String text, String part) {
    return text.lines().filter(line -> line.contains(part)).reduce("", (before, line) -> line);
  }

  /** A target that breaks is found broken: the seeds alone get Jazzer there. */
  @Test
  void a_defect_is_reported() throws Exception {
    try (ChildProcess jazzer =
        JavaProcess.startWith(
            List.of("-XX:+EnableDynamicAgentLoading"),
            JAZZER,
            "--target_class=" + Broken.class.getName(),
            "--instrumentation_includes=dev.dunlin.migration.hostile.**",
            "--reproducer_path=" + directory,
            "-artifact_prefix=" + directory + "/broken-",
            "-max_total_time=60")) {
      ChildProcess.Result result = jazzer.awaitResult(Duration.ofSeconds(60L + START_SECONDS));
      assertTrue(result.exitStatus() != 0, result.stdout() + result.stderr());
      assertTrue(result.stderr().contains("the fourth byte"), result.stderr());
    }
  }

  /** Breaks for one input in four thousand million. */
  public static final class Broken {
    private Broken() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
      if (bytes.length > 3 && bytes[0] == 'Q' && bytes[1] == 'E' && bytes[2] == 'V') {
        if (bytes[3] == 'M') {
          throw new IllegalStateException("the fourth byte");
        }
      }
    }
  }
}
