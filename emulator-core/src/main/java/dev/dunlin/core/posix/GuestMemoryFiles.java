package dev.dunlin.core.posix;

import dev.dunlin.ram.NioRamFiles;
import dev.dunlin.ram.RamFile;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import org.apache.logging.log4j.LogManager;

/**
 * Guest RAM in memfd_create(2) files: not on any file system, given back when closed, and the
 * kernel knows which pages were ever touched. Any thread.
 */
public final class GuestMemoryFiles implements RamFileProvider {
  /** memfd_create(2): 249 bytes without the terminator. */
  private static final int MAX_NAME = 249;

  private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

  private GuestMemoryFiles() {}

  /** memfds where the system has them, else sparse temporary files. */
  public static RamFileProvider best() {
    return LINUX ? new GuestMemoryFiles() : new NioRamFiles();
  }

  @Override
  public RamFile create(String name, long length) throws IOException {
    int fd = Native.LIBC.memfd_create(shortened(name), LibcMemory.MFD_CLOEXEC);
    if (fd < 0) {
      return withoutMemfd(name, length, new PosixException("memfd_create", name, errno()));
    }
    if (Native.LIBC.ftruncate(fd, length) < 0) {
      PosixException failure = new PosixException("ftruncate", name, errno());
      Native.LIBC.close(fd);
      throw failure;
    }
    return new GuestMemoryFile(Native.LIBC, fd, length);
  }

  /** A seccomp filter or an old kernel may refuse the call; running out of something is final. */
  private static RamFile withoutMemfd(String name, long length, PosixException refused)
      throws IOException {
    if (refused.errno() != GuestMemoryFile.ENOSYS && refused.errno() != GuestMemoryFile.EPERM) {
      throw refused;
    }
    LogManager.getLogger(GuestMemoryFiles.class)
        .info("guest RAM in a file: {}", refused.getMessage());
    return new NioRamFiles().create(name, length);
  }

  private static String shortened(String name) {
    return name.length() <= MAX_NAME / 3 ? name : name.substring(0, MAX_NAME / 3);
  }

  private static int errno() {
    return NativeLibrary.errno();
  }

  private static final class Native {
    static final LibcMemory LIBC = NativeLibrary.bind(LibcMemory.class);
  }
}
