package dev.dunlin.core.posix;

import com.google.common.base.Preconditions;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.FdEvents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;

/**
 * One descriptor and who closes it. Any thread.
 *
 * <p>The number of a closed descriptor is handed out again at once, so a late read in another
 * thread would take a stranger's bytes. Hence every call counts as a user while it lasts: {@link
 * #close} refuses new users at once, and the last one out really closes, exactly once.
 */
public final class Fd implements AutoCloseable {
  private static final int CLOSED = Integer.MIN_VALUE;
  private static final int SCRATCH_BYTES = 64 * 1024;

  /** Heap buffers go through here; a direct buffer is passed as it is. */
  private static final ThreadLocal<ByteBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SCRATCH_BYTES));

  private final int number;
  private final boolean owned;
  private final AtomicInteger users = new AtomicInteger();

  private Fd(int number, boolean owned) {
    Preconditions.checkArgument(number >= 0, "not a descriptor: %s", number);
    this.number = number;
    this.owned = owned;
  }

  /** Takes charge of {@code number}: {@link #close} closes it. */
  public static Fd owning(int number) {
    return new Fd(number, true);
  }

  /** Uses a descriptor that somebody else closes, such as 0 to 2. */
  public static Fd borrowing(int number) {
    return new Fd(number, false);
  }

  /** open(2) with O_CLOEXEC added. */
  public static Fd open(String path, int flags, int mode) throws PosixException {
    while (true) {
      int fd = LibcIo.LIBC.open(path, flags | Fcntl.O_CLOEXEC, mode);
      if (fd >= 0) {
        return owning(fd);
      }
      retryIfInterrupted("open", '"' + path + '"');
    }
  }

  /** The number, for a call this class doesn't have. */
  public int number() {
    Preconditions.checkState(isOpen(), "fd %s is closed", number);
    return number;
  }

  public boolean isOpen() {
    return users.get() >= 0;
  }

  /** One read(2), again after EINTR. Blocks only when the descriptor does. */
  public IoOutcome read(ByteBuffer into) throws PosixException {
    if (!into.hasRemaining()) {
      return new IoOutcome.Transferred(0);
    }
    ByteBuffer direct = into.isDirect() ? into : scratch(into.remaining());
    long count = read(direct, direct.remaining());
    if (count <= 0) {
      return count == 0 ? IoOutcome.END_OF_STREAM : IoOutcome.WOULD_BLOCK;
    }
    if (into.isDirect()) {
      into.position(into.position() + (int) count);
    } else {
      into.put(direct.limit((int) count));
    }
    return new IoOutcome.Transferred((int) count);
  }

  /** One write(2), again after EINTR. Blocks only when the descriptor does. EPIPE is an error. */
  public IoOutcome write(ByteBuffer from) throws PosixException {
    if (!from.hasRemaining()) {
      return new IoOutcome.Transferred(0);
    }
    ByteBuffer direct = from;
    if (!from.isDirect()) {
      direct = scratch(from.remaining());
      direct.put(from.duplicate().limit(from.position() + direct.remaining())).flip();
    }
    long count = write(direct, direct.remaining());
    if (count < 0) {
      return IoOutcome.WOULD_BLOCK;
    }
    from.position(from.position() + (int) count);
    return new IoOutcome.Transferred((int) count);
  }

  /** Writes everything, waiting for room as long as it takes, on blocking descriptors or not. */
  public void writeFully(ByteBuffer from) throws PosixException {
    while (from.hasRemaining()) {
      if (write(from) instanceof IoOutcome.WouldBlock) {
        await(FdEvents.WRITE, -1);
      }
    }
  }

  /**
   * poll(2) on this descriptor alone, at most {@code timeoutNanos} (negative: for ever). False when
   * the time is over.
   */
  public boolean await(FdEvents interest, long timeoutNanos) throws PosixException {
    Clock clock = Clock.system();
    long start = clock.nanoTime();
    acquire("poll");
    try {
      ByteBuffer pollfd = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
      pollfd.putInt(0, number).putShort(4, PollBits.of(interest));
      while (true) {
        long left = timeoutNanos - (clock.nanoTime() - start);
        int millis = timeoutNanos < 0 ? -1 : PollBits.millisRoundedUp(left);
        int ready = LibcIo.LIBC.poll(pollfd, 1, millis);
        if (ready > 0) {
          return true;
        }
        if (ready < 0) {
          retryIfInterrupted("poll", name());
        } else if (timeoutNanos >= 0 && clock.nanoTime() - start >= timeoutNanos) {
          return false;
        }
      }
    } finally {
      release();
    }
  }

  /** Whether the other side of a terminal or a FIFO is gone (POLLHUP). */
  public boolean isHungUp() throws PosixException {
    ByteBuffer pollfd = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    long ready =
        use(
            "poll",
            number -> LibcIo.LIBC.poll(pollfd.putInt(0, number).putShort(4, (short) 0), 1, 0));
    return ready > 0 && (pollfd.getShort(6) & PollBits.HUP) != 0;
  }

  /** Sets or clears O_NONBLOCK, which belongs to the open file and so to everyone who shares it. */
  public void setNonBlocking(boolean nonBlocking) throws PosixException {
    int before = fcntl(Fcntl.F_GETFL, 0);
    int after = nonBlocking ? before | Fcntl.O_NONBLOCK : before & ~Fcntl.O_NONBLOCK;
    if (after != before) {
      fcntl(Fcntl.F_SETFL, after);
    }
  }

  public boolean isNonBlocking() throws PosixException {
    return (fcntl(Fcntl.F_GETFL, 0) & Fcntl.O_NONBLOCK) != 0;
  }

  /** Sets or clears FD_CLOEXEC. */
  public void setCloseOnExec(boolean closeOnExec) throws PosixException {
    fcntl(Fcntl.F_SETFD, closeOnExec ? Fcntl.FD_CLOEXEC : 0);
  }

  public boolean isCloseOnExec() throws PosixException {
    return (fcntl(Fcntl.F_GETFD, 0) & Fcntl.FD_CLOEXEC) != 0;
  }

  /** Whether a call on it is under way in some thread. */
  boolean isInUse() {
    return (users.get() & ~CLOSED) != 0;
  }

  /** Bytes waiting to be read (FIONREAD), for pipes, sockets and terminals. */
  public int available() throws PosixException {
    acquire("ioctl");
    try {
      int[] value = new int[1];
      if (LibcIo.LIBC.ioctl(number, Fcntl.FIONREAD, value) < 0) {
        throw failure("ioctl(FIONREAD)");
      }
      return value[0];
    } finally {
      release();
    }
  }

  /** A second descriptor for the same open file, close-on-exec and owned by the caller. */
  public Fd duplicate() throws PosixException {
    return owning(fcntl(Fcntl.F_DUPFD_CLOEXEC, 3));
  }

  int fcntl(int command, long argument) throws PosixException {
    acquire("fcntl");
    try {
      int result = LibcIo.LIBC.fcntl(number, command, argument);
      if (result < 0) {
        throw failure("fcntl");
      }
      return result;
    } finally {
      release();
    }
  }

  /** A call that this class doesn't have, on the number: its result, or minus its errno. */
  @FunctionalInterface
  interface Call {
    long on(int number);
  }

  /**
   * Makes {@code call} while nobody can close the descriptor; -1 becomes minus errno, read before
   * anything else can overwrite it.
   */
  long use(String name, Call call) throws PosixException {
    acquire(name);
    try {
      long result = call.on(number);
      return result == -1 ? -NativeLibrary.errno() : result;
    } finally {
      release();
    }
  }

  /** Gives the number to a new owner: this object is closed, the descriptor isn't. */
  public int detach() {
    Preconditions.checkState(users.compareAndSet(0, CLOSED), "fd %s is closed or in use", number);
    return number;
  }

  /** Idempotent. Doesn't wake a call that blocks; the descriptor stays open until that returns. */
  @Override
  public void close() {
    if (users.getAndUpdate(count -> count | CLOSED) == 0) {
      closeNow();
    }
  }

  @Override
  public String toString() {
    return name() + (isOpen() ? "" : " (closed)");
  }

  /** Bytes read, 0 at the end, -1 for EAGAIN. */
  private long read(ByteBuffer direct, int length) throws PosixException {
    acquire("read");
    try {
      while (true) {
        long count = LibcIo.LIBC.read(number, direct, length);
        if (count >= 0 || wouldBlock("read")) {
          return count;
        }
      }
    } finally {
      release();
    }
  }

  private long write(ByteBuffer direct, int length) throws PosixException {
    acquire("write");
    try {
      while (true) {
        long count = LibcIo.LIBC.write(number, direct, length);
        if (count >= 0 || wouldBlock("write")) {
          return count;
        }
      }
    } finally {
      release();
    }
  }

  /** True for EAGAIN, false for EINTR (try again), throws for all else. */
  private boolean wouldBlock(String call) throws PosixException {
    int errno = NativeLibrary.errno();
    if (errno == Errno.EAGAIN) {
      return true;
    }
    if (errno == Errno.EINTR) {
      return false;
    }
    throw new PosixException(call, name(), errno);
  }

  private static void retryIfInterrupted(String call, String detail) throws PosixException {
    int errno = NativeLibrary.errno();
    if (errno != Errno.EINTR) {
      throw new PosixException(call, detail, errno);
    }
  }

  private void acquire(String call) throws PosixException {
    int before;
    do {
      before = users.get();
      if (before < 0) {
        throw new PosixException(call, name(), Errno.EBADF);
      }
    } while (!users.compareAndSet(before, before + 1));
  }

  private void release() {
    if (users.decrementAndGet() == CLOSED) {
      closeNow();
    }
  }

  private void closeNow() {
    // EINTR from close(2) on Linux means closed; EBADF means that somebody closed our number.
    if (owned && LibcIo.LIBC.close(number) < 0 && NativeLibrary.errno() == Errno.EBADF) {
      LogManager.getLogger(Fd.class).error("fd {} was closed by somebody else", number);
    }
  }

  private PosixException failure(String call) {
    return new PosixException(call, name(), NativeLibrary.errno());
  }

  private String name() {
    return "fd " + number;
  }

  private static ByteBuffer scratch(int wanted) {
    return SCRATCH.get().clear().limit(Math.min(wanted, SCRATCH_BYTES));
  }
}
