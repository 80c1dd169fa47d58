package dev.dunlin.launcher.stream;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A stream that is read: a file, or stdin as {@code -}. */
final class StreamFile implements AutoCloseable {
  private final String name;
  private final FileChannel channel;
  private final boolean regular;

  private StreamFile(String name, FileChannel channel, boolean regular) {
    this.name = name;
    this.channel = channel;
    this.regular = regular;
  }

  static StreamFile open(String name) throws ToolException {
    if (name.equals(ToolArguments.STDIN)) {
      return new StreamFile("stdin", new FileInputStream(FileDescriptor.in).getChannel(), false);
    }
    Path path = Path.of(name);
    if (Files.isDirectory(path)) {
      throw ToolException.trouble(name + ": Is a directory");
    }
    try {
      return new StreamFile(name, FileChannel.open(path), Files.isRegularFile(path));
    } catch (IOException e) {
      throw ToolException.trouble(name + ": " + reason(e));
    }
  }

  /** The kernel's words where Java has only a class for them. */
  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    return e instanceof AccessDeniedException
        ? "Permission denied"
        : String.valueOf(e.getMessage());
  }

  String name() {
    return name;
  }

  /** Whether it can be read a second time. */
  boolean isRegular() {
    return regular;
  }

  /** What there is after the end of the stream, when that can be told. */
  long bytesAfter(long length) throws IOException {
    return regular ? Math.max(0, channel.size() - length) : 0;
  }

  /** Something that reads a stream from its start to its end. */
  interface Reader<T> {
    T read(StreamInput in) throws LoadException, IOException;
  }

  /** Reads from the start, with a bar when it takes long. */
  <T> T read(Reader<T> reader) throws BadStream, ToolException {
    try (ProgressBar bar = new ProgressBar(Clock.system(), System.err, size())) {
      if (regular) {
        channel.position(0);
      }
      StreamInput in =
          new StreamInput(
              into -> {
                int read = channel.read(into);
                bar.add(Math.max(0, read));
                return read;
              });
      try {
        return reader.read(in);
      } catch (LoadException e) {
        throw new BadStream(in, e);
      }
    } catch (IOException e) {
      throw ToolException.trouble(name + ": " + reason(e));
    }
  }

  private OptionalLong size() throws IOException {
    return regular ? OptionalLong.of(channel.size()) : OptionalLong.empty();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The stream itself is wrong. */
  final class BadStream extends Exception {
    private static final long serialVersionUID = 1;
    private final long position;

    private BadStream(StreamInput in, LoadException cause) {
      super(words(in, cause), cause);
      this.position = in.position();
    }

    /** Bytes that were read when it was found out. */
    long position() {
      return position;
    }

    ToolException as(java.util.function.Function<String, ToolException> kind) {
      return kind.apply("%s: bad at byte %d: %s".formatted(name, position, getMessage()));
    }
  }

  private static String words(StreamInput in, LoadException cause) {
    if (in.position() == 0 && in.failure().isPresent()) {
      return "it is empty";
    }
    String lines = String.join("; ", cause.lines());
    String end = in.failure().map(failure -> (lines.isEmpty() ? "" : "; ") + failure).orElse("");
    return lines.isEmpty() && end.isEmpty() ? cause.kind().text() : lines + end;
  }
}
