package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * Command lines that are refused: one sentence, status 1, nothing on stdout, nothing left behind.
 * Most sentences are those of QEMU 7.2.
 */
@NoLeaks
final class BadCommandLineIT {
  @TempDir Path temp;

  /** {@code TMP} in a row is an empty directory of this test's own. */
  @ParameterizedTest(name = "{0}")
  @CsvFileSource(
      resources = "/bad-command-lines.csv",
      delimiter = '|',
      quoteCharacter = '^',
      numLinesToSkip = 1)
  void a_mistake_is_one_sentence_and_status_1(String arguments, String sentence) throws Exception {
    String[] words = arguments.replace("TMP", temp.toString()).trim().split(" ");
    ChildProcess.Result result = DunlinProcess.run(Await.GENEROUS, words);
    assertEquals(
        "dunlin: " + sentence.trim().replace("\\n", "\n").replace("TMP", temp.toString()) + "\n",
        result.stderr());
    assertEquals(1, result.exitStatus());
    assertEquals("", result.stdout());
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
