package dev.dunlin.core.child;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.google.common.base.Preconditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;

/**
 * A private directory for what helpers need on disk, {@code dunlin-PID-random}, mode 0700. It is
 * removed when it has been closed and its last user has ended, not before: a daemon whose files
 * vanish under it fails in ways that nobody understands. While its owner lives it holds an fcntl(2)
 * lock on the file {@code owner} in it, which the kernel drops however the owner ends; each user
 * that is a child leaves a file named by its PID and start time. So the next start knows which
 * directories are stale (see {@link StaleDirectories}). Any thread.
 */
public final class RuntimeDirectory implements AutoCloseable {
  static final String PREFIX = "dunlin-";
  static final String LOCK_FILE = "owner";
  static final String USER_PREFIX = "user-";

  private static final int ATTEMPTS = 16;
  private static final int RANDOM_BYTES = 8;

  private final Path path;
  private final FileChannel lock;

  /** The owner and every user; whoever leaves last removes. */
  private final AtomicInteger holders = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();

  private RuntimeDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a directory under {@code temporary} (what TMPDIR said at the start, or /tmp), after
   * sweeping those that dead owners of the same user left there.
   */
  public static RuntimeDirectory create(Path temporary) throws IOException {
    return create(temporary, new SecureRandom());
  }

  static RuntimeDirectory create(Path temporary, SecureRandom random) throws IOException {
    RuntimeDirectory directory = createOne(temporary, random);
    StaleDirectories.sweep(temporary, directory.path);
    return directory;
  }

  /** Where TMPDIR points, or /tmp. */
  public static Path defaultTemporary() {
    String named = System.getenv("TMPDIR");
    return Path.of(named == null || named.isEmpty() ? "/tmp" : named);
  }

  public Path path() {
    return path;
  }

  /**
   * Keeps the directory until {@link Use#close}.
   *
   * @param pid the child that needs it, 0 for a user within this process
   */
  public Use use(int pid) throws IOException {
    int before = holders.getAndUpdate(count -> count == 0 ? 0 : count + 1);
    Preconditions.checkState(before > 0, "%s has been removed", path);
    Path file = path.resolve(USER_PREFIX + pid + "-" + ProcessStart.of(pid).orElse("0"));
    try {
      if (pid != 0) {
        Files.createFile(file);
      }
      return new Use(file);
    } catch (IOException e) {
      leave();
      throw e;
    }
  }

  /** Leaves it to its users: the last to end removes it. Idempotent. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      leave();
    }
  }

  private void leave() {
    if (holders.decrementAndGet() > 0) {
      return;
    }
    try {
      StaleDirectories.removeTree(path);
      lock.close();
    } catch (IOException e) {
      LogManager.getLogger(RuntimeDirectory.class).warn("{} was left behind: {}", path, e);
    }
  }

  /** One user of the directory. */
  public final class Use implements AutoCloseable {
    private final Path file;
    private final AtomicInteger open = new AtomicInteger(1);

    private Use(Path file) {
      this.file = file;
    }

    /** The user has ended. Idempotent. */
    @Override
    public void close() {
      if (open.getAndSet(0) == 1) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } finally {
          leave();
        }
      }
    }
  }

  /** Another process may sweep a directory between its birth and its lock: then comes the next. */
  private static RuntimeDirectory createOne(Path temporary, SecureRandom random)
      throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Path path = temporary.resolve(name(random));
      try {
        // mkdir(2) never follows or takes over what is there.
        Files.createDirectory(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel lock =
            FileChannel.open(
                path.resolve(LOCK_FILE), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        if (lock.tryLock() != null && Files.exists(path.resolve(LOCK_FILE), NOFOLLOW_LINKS)) {
          return new RuntimeDirectory(path, lock);
        }
        lock.close();
      } catch (FileAlreadyExistsException | NoSuchFileException taken) {
        if (!Files.isDirectory(temporary)) {
          throw taken;
        }
      }
    }
    throw new IOException("no directory could be made in " + temporary);
  }

  private static String name(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return PREFIX + ProcessHandle.current().pid() + "-" + HexFormat.of().formatHex(bytes);
  }
}
