package dev.dunlin.core.chardev;

import dev.dunlin.core.cli.OptionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/** The file of a listening unix socket: removed at the end if it is still the one that we made. */
public final class SocketFile {
  private final Path path;
  private final Optional<Object> identity;

  private SocketFile(Path path) {
    this.path = path;
    this.identity = identity(path);
  }

  /** After bind(2). */
  public static SocketFile bound(String path) {
    return new SocketFile(Path.of(path));
  }

  /**
   * Makes room for bind(2): a socket that an earlier run left behind goes. QEMU removes any file
   * there; a file that is no socket is somebody's data and stays, so that bind fails.
   */
  public static void removeStale(String path) throws OptionException {
    Path file = Path.of(path);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isOther()) {
        Files.delete(file);
      }
    } catch (NoSuchFileException nothingThere) {
      return;
    } catch (IOException e) {
      throw new OptionException("Failed to unlink socket " + path + ": " + e.getMessage());
    }
  }

  /** Harmless when it is gone or somebody else's. */
  public void remove() {
    try {
      if (identity.isPresent() && identity(path).equals(identity)) {
        Files.delete(path);
      }
    } catch (IOException e) {
      LogManager.getLogger(SocketFile.class).debug("{} stays: {}", path, e.getMessage());
    }
  }

  private static Optional<Object> identity(Path path) {
    try {
      return Optional.of(
          Objects.requireNonNull(
              Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                  .fileKey()));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
