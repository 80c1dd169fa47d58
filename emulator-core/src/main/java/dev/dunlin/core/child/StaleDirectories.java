package dev.dunlin.core.child;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Removes runtime directories whose owner is dead and whose users have ended: real directories of
 * the same user only, for anybody may put anything into /tmp under our name. Nothing is ever
 * followed through a symbolic link.
 */
final class StaleDirectories {
  private static final Pattern NAME =
      Pattern.compile(RuntimeDirectory.PREFIX + "(\\d+)-[0-9a-f]{16}");

  private StaleDirectories() {}

  /** Sweeps {@code temporary}; {@code own} is known to be of this user, and stays. */
  static void sweep(Path temporary, Path own) {
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(temporary, RuntimeDirectory.PREFIX + "*")) {
      Object user = Files.getAttribute(own, "unix:uid", NOFOLLOW_LINKS);
      for (Path path : found) {
        if (isAnothersOf(user, path)) {
          sweepOne(path);
        }
      }
    } catch (IOException e) {
      LogManager.getLogger(StaleDirectories.class).debug("{} was not swept: {}", temporary, e);
    }
  }

  /**
   * Directories of this process are its own business. Opening and closing a lock file of ours would
   * even release our lock, as fcntl(2) has it.
   */
  private static boolean isAnothersOf(Object user, Path path) throws IOException {
    Matcher name = NAME.matcher(path.getFileName().toString());
    return name.matches()
        && !name.group(1).equals(Long.toString(ProcessHandle.current().pid()))
        && Files.isDirectory(path, NOFOLLOW_LINKS)
        && user.equals(Files.getAttribute(path, "unix:uid", NOFOLLOW_LINKS));
  }

  private static void sweepOne(Path path) {
    Path file = path.resolve(RuntimeDirectory.LOCK_FILE);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock()) {
      if (lock != null && !hasLivingUser(path)) {
        removeTree(path);
      }
    } catch (NoSuchFileException newborn) {
      removeIfEmpty(path);
    } catch (IOException e) {
      LogManager.getLogger(StaleDirectories.class).debug("{} was not swept: {}", path, e);
    }
  }

  /** Without a lock file: just being made (its maker then takes another), or made and abandoned. */
  private static void removeIfEmpty(Path path) {
    try {
      Files.delete(path);
    } catch (IOException notEmpty) {
      LogManager.getLogger(StaleDirectories.class).debug("{} was not swept: {}", path, notEmpty);
    }
  }

  private static boolean hasLivingUser(Path path) throws IOException {
    try (DirectoryStream<Path> users =
        Files.newDirectoryStream(path, RuntimeDirectory.USER_PREFIX + "*-*")) {
      for (Path user : users) {
        if (isAlive(Splitter.on('-').splitToList(user.getFileName().toString()))) {
          return true;
        }
      }
      return false;
    }
  }

  /** Who has ended needs no files, though init may take its time to collect it. */
  private static boolean isAlive(List<String> name) {
    try {
      return ProcessStart.ofLiving(Integer.parseInt(name.get(1)))
          .map(name.get(2)::equals)
          .orElse(false);
    } catch (NumberFormatException nobodysName) {
      return false;
    }
  }

  /** The lock file goes last: who finds it missing may take the directory for a newborn one. */
  static void removeTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.equals(root.resolve(RuntimeDirectory.LOCK_FILE))) {
              Files.deleteIfExists(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            if (directory.equals(root)) {
              Files.deleteIfExists(root.resolve(RuntimeDirectory.LOCK_FILE));
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
