package dev.dunlin.core.posix;

import dev.dunlin.ram.RamFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One memfd. The descriptor's number may be used by someone else the moment it is closed, so calls
 * on it hold the lock for reading and {@link #close} holds it for writing.
 */
final class GuestMemoryFile implements RamFile {
  static final int EPERM = 1;
  static final int ENOSYS = 38;

  /** lseek(2): no data at or after the offset. */
  private static final int ENXIO = 6;

  private final LibcMemory libc;
  private final long length;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private int fd;

  GuestMemoryFile(LibcMemory libc, int fd, long length) {
    this.libc = libc;
    this.fd = fd;
    this.length = length;
  }

  @Override
  public boolean isAnonymous() {
    return true;
  }

  /** A second open file over the same memory, only for as long as mmap(2) needs it. */
  @Override
  public ByteBuffer map(long offset, int count) throws IOException {
    Lock held = holdOpen();
    try (FileChannel channel =
        FileChannel.open(
            Path.of("/proc/self/fd/" + fd), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(MapMode.READ_WRITE, offset, count);
    } finally {
      held.unlock();
    }
  }

  @Override
  public long nextData(long from) {
    return seek(from, LibcMemory.SEEK_DATA);
  }

  @Override
  public long nextHole(long from) {
    return seek(from, LibcMemory.SEEK_HOLE);
  }

  private long seek(long from, int whence) {
    Lock held = holdOpen();
    try {
      long found = libc.lseek(fd, from, whence);
      if (found >= 0) {
        return Math.min(found, length);
      }
      int errno = NativeLibrary.errno();
      if (errno == ENXIO) {
        return length;
      }
      throw new UncheckedIOException(new PosixException("lseek", "guest RAM", errno));
    } finally {
      held.unlock();
    }
  }

  @Override
  public boolean punchHole(long offset, long count) {
    Lock held = holdOpen();
    try {
      return punch(offset, count);
    } finally {
      held.unlock();
    }
  }

  private boolean punch(long offset, long count) {
    int mode = LibcMemory.FALLOC_FL_PUNCH_HOLE | LibcMemory.FALLOC_FL_KEEP_SIZE;
    int result;
    do {
      result = libc.fallocate(fd, mode, offset, count);
    } while (result < 0 && NativeLibrary.errno() == Errno.EINTR);
    return result == 0;
  }

  /**
   * Truncating would free the memory as well, but turn every access through a mapping that is still
   * there into SIGBUS; a hole of the same size reads as zero.
   */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (fd >= 0) {
        if (length > 0) {
          punch(0, length);
        }
        libc.close(fd);
        fd = -1;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private Lock holdOpen() {
    Lock held = lock.readLock();
    held.lock();
    if (fd < 0) {
      held.unlock();
      throw new IllegalStateException("guest RAM is closed");
    }
    return held;
  }
}
