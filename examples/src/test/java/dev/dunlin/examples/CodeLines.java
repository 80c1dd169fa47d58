package dev.dunlin.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.DunlinProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much a VMM has to write. */
final class CodeLines {
  private CodeLines() {}

  /** Comments, imports, closing braces and empty lines don't count. */
  static void assertFewerThan(int most, String... classes) throws IOException {
    long lines = 0;
    for (String name : classes) {
      Path source =
          DunlinProcess.root()
              .resolve("examples/src/main/java/dev/dunlin/examples/" + name + ".java");
      lines += Files.readAllLines(source).stream().filter(CodeLines::isCode).count();
    }
    assertTrue(lines < most, "lines: " + lines);
  }

  private static boolean isCode(String line) {
    String text = line.strip();
    return !text.isEmpty()
        && !text.startsWith("*")
        && !text.startsWith("/*")
        && !text.startsWith("import ")
        && !text.equals("}")
        && !text.equals("@Override");
  }
}
