package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * eventfd(2): wakes whoever polls it. {@link #signal} from any thread, even after {@link #close}
 * (then it does nothing); {@link #drain} from the thread that polls.
 */
public final class EventFd implements AutoCloseable {
  private static final int EFD_CLOEXEC = Fcntl.O_CLOEXEC;
  private static final int EFD_NONBLOCK = Fcntl.O_NONBLOCK;

  private final Fd fd;
  private final ByteBuffer counter = eightBytes();
  private final ByteBuffer one = eightBytes().putLong(0, 1);

  private EventFd(Fd fd) {
    this.fd = fd;
  }

  public static EventFd open() throws PosixException {
    int fd = LibcIo.LIBC.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
      throw new PosixException("eventfd", "", NativeLibrary.errno());
    }
    return new EventFd(Fd.owning(fd));
  }

  public int number() {
    return fd.number();
  }

  /** Makes the descriptor readable. */
  public void signal() {
    try {
      // A full counter says WouldBlock: it is readable then anyway.
      fd.write(one.duplicate());
    } catch (PosixException e) {
      if (fd.isOpen()) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Makes it unreadable; whether it was signalled. */
  public boolean drain() {
    try {
      return fd.read(counter.clear()) instanceof IoOutcome.Transferred;
    } catch (PosixException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Gives the number to a new owner, who closes it. */
  int detach() {
    return fd.detach();
  }

  @Override
  public void close() {
    fd.close();
  }

  private static ByteBuffer eightBytes() {
    return ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
  }
}
