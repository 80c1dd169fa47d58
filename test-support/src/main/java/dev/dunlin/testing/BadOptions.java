package dev.dunlin.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A table of command lines that are refused, kept in a text file.
 *
 * @param ownWords whether QEMU says it differently, or nothing
 */
public record BadOptions(List<String> args, String sentence, boolean ownWords) {

  public static Stream<BadOptions> table(Class<?> owner, String resource) {
    try (InputStream in = owner.getResourceAsStream(resource)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
      return text.lines().filter(line -> line.contains(" => ")).map(BadOptions::row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BadOptions row(String line) {
    boolean own = line.startsWith("! ");
    String[] halves = (own ? line.substring(2) : line).split(" => ", 2);
    List<String> args =
        Arrays.stream(halves[0].split(" ")).map(word -> word.equals("''") ? "" : word).toList();
    return new BadOptions(args, halves[1].replace("\\n", "\n"), own);
  }

  @Override
  public String toString() {
    return String.join(" ", args);
  }
}
