package dev.dunlin.launcher.stream;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Where something is written: a file, which appears under its name only when it is whole, or stdout
 * as {@code -}, or a device or FIFO that is there already.
 */
final class OutputFile implements AutoCloseable {
  private static final String STDOUT = "-";

  private final String name;
  private final FileChannel channel;
  private final Optional<Path> partial;

  private OutputFile(String name, FileChannel channel, Optional<Path> partial) {
    this.name = name;
    this.channel = channel;
    this.partial = partial;
  }

  static OutputFile create(String name) throws ToolException {
    if (name.equals(STDOUT)) {
      return new OutputFile(
          "stdout", new FileOutputStream(FileDescriptor.out).getChannel(), Optional.empty());
    }
    Path path = Path.of(name);
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        FileChannel there = FileChannel.open(path, StandardOpenOption.WRITE);
        return new OutputFile(name, there, Optional.empty());
      }
      Path partial = Path.of(name + ".partial");
      FileChannel fresh =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      partial.toFile().deleteOnExit();
      return new OutputFile(name, fresh, Optional.of(partial));
    } catch (IOException e) {
      throw ToolException.trouble(name + ": " + StreamFile.reason(e));
    }
  }

  FileChannel channel() {
    return channel;
  }

  /** Whether it can be written in any order and read. */
  boolean isSeekable() {
    return partial.isPresent();
  }

  /** It is whole. */
  void finish() throws ToolException {
    try {
      channel.close();
      if (partial.isPresent()) {
        Files.move(partial.get(), Path.of(name), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw ToolException.trouble(name + ": " + StreamFile.reason(e));
    }
  }

  ToolException failure(IOException e) {
    return ToolException.trouble(name + ": " + StreamFile.reason(e));
  }

  /** What isn't whole goes. */
  @Override
  public void close() {
    try {
      channel.close();
      if (partial.isPresent()) {
        Files.deleteIfExists(partial.get());
      }
    } catch (IOException e) {
      System.err.println("dunlin-stream: " + name + ": " + StreamFile.reason(e));
    }
  }
}
