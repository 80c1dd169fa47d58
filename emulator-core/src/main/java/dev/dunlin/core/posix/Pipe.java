package dev.dunlin.core.posix;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * pipe2(2), both ends close-on-exec and blocking. Any thread.
 *
 * @param readEnd what a child gets as stdin when we write
 * @param writeEnd ours, or what a child gets as stdout or stderr when we read
 */
public record Pipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {

  public static Pipe open() throws PosixException {
    int[] fds = new int[2];
    if (LibcIo.LIBC.pipe2(fds, Fcntl.O_CLOEXEC) < 0) {
      throw new PosixException("pipe2", "", NativeLibrary.errno());
    }
    return new Pipe(Fd.owning(fds[0]), Fd.owning(fds[1]));
  }

  /**
   * Asks for a buffer of {@code bytes} (F_SETPIPE_SZ) and says what the kernel gave. An
   * unprivileged process past /proc/sys/fs/pipe-max-size keeps the old size: that isn't an error, a
   * smaller pipe is only slower.
   */
  public int resize(int bytes) throws PosixException {
    try {
      return writeEnd.fcntl(Fcntl.F_SETPIPE_SZ, bytes);
    } catch (PosixException refused) {
      if (refused.errno() == Errno.EPERM || refused.errno() == Errno.EBUSY) {
        return writeEnd.fcntl(Fcntl.F_GETPIPE_SZ, 0);
      }
      throw refused;
    }
  }

  /** Bytes written but not yet read. */
  public int pending() throws PosixException {
    return writeEnd.isOpen() ? writeEnd.available() : readEnd.available();
  }

  /**
   * The write end as a blocking channel, which takes it over: {@link #writeEnd} is closed, closing
   * the channel closes the pipe. NIO has no other way to a pipe's descriptor than opening it anew
   * through /proc; closing the channel wakes a writer that blocks.
   */
  public FileChannel takeWriteChannel() throws IOException {
    Path path = Path.of("/proc/self/fd/" + writeEnd.number());
    FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
    writeEnd.close();
    return channel;
  }

  /** As {@link #takeWriteChannel}, for the end that reads. */
  public FileChannel takeReadChannel() throws IOException {
    Path path = Path.of("/proc/self/fd/" + readEnd.number());
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    readEnd.close();
    return channel;
  }

  /** Closes both ends; harmless for one that is closed already. */
  @Override
  public void close() {
    readEnd.close();
    writeEnd.close();
  }
}
