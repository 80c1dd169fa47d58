package dev.dunlin.launcher;

import dev.dunlin.core.cli.OptionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.apache.logging.log4j.LogManager;

/**
 * {@code -pidfile FILE}: this process's PID and a newline, in a file that stays locked while the
 * program runs and is gone afterwards (qemu_write_pidfile in util/oslib-posix.c).
 */
final class PidFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;

  private PidFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Refuses, in QEMU's words, a file that can't be made or that a living program has. */
  static PidFile create(String name) throws OptionException {
    try {
      Path path = Path.of(name);
      FileChannel channel = open(path);
      PidFile file = new PidFile(path, channel);
      if (!file.lock()) {
        channel.close();
        throw refused("Cannot lock pid file: Resource temporarily unavailable");
      }
      file.write();
      return file;
    } catch (IOException | InvalidPathException e) {
      throw refused("Could not create '" + name + "': " + why(e));
    }
  }

  /** Like open(2) with O_CREAT, and nobody else's to read. */
  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private boolean lock() throws IOException {
    // Held until the channel is closed, by a crash too.
    return channel.tryLock() != null;
  }

  private void write() throws IOException {
    byte[] line = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    channel.truncate(0);
    ByteBuffer rest = ByteBuffer.wrap(line);
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  private static OptionException refused(String why) {
    return new OptionException("cannot create PID file: " + why);
  }

  private static String why(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    if (e instanceof AccessDeniedException) {
      return "Permission denied";
    }
    return e instanceof FileSystemException failed && failed.getReason() != null
        ? failed.getReason()
        : String.valueOf(e.getMessage());
  }

  /** Takes the file away. */
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LogManager.getLogger(PidFile.class).warn("pid file {}: {}", path, e.toString());
    }
  }
}
