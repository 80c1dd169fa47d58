package dev.dunlin.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Short-named temp directories: a unix socket's path has at most 107 bytes (unix(7)), and JUnit's
 * own names take a good part of that.
 */
public final class TempDirs {
  private TempDirs() {}

  /** {@code /tmp/dunlin-PID-purpose…}; {@link LeakCheck} misses it when it stays. */
  public static Path create(String purpose) {
    try {
      return Files.createTempDirectory(
          "dunlin-" + ProcessHandle.current().pid() + "-" + purpose + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets every user of this machine read and write in a directory of the test's. */
  public static void openToAll(Path directory) {
    try {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes a directory and all in it. */
  public static void delete(Path directory) {
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
