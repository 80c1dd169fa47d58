package dev.dunlin.migration.channel;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Backlog;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.FdWait;
import dev.dunlin.core.posix.GatheredWrite;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PipeSplice;
import dev.dunlin.core.posix.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes to a non-blocking descriptor and waits for room there or for the abort signal, whichever
 * comes first. Migration thread. Doesn't own the descriptor.
 */
final class DescriptorWriter {
  private static final long FIRST_LOOK_NANOS = 1_000_000;
  private static final long LAST_LOOK_NANOS = 16_000_000;

  private final Fd fd;
  private final String target;
  private final AbortSignal abort;
  private final FdWait room;
  private final FdWait look;

  /**
   * @param target what QEMU calls it in {@code Unable to write to TARGET: ...}
   */
  DescriptorWriter(Fd fd, String target, AbortSignal abort) {
    this.fd = fd;
    this.target = target;
    this.abort = abort;
    this.room =
        FdWait.of(2).set(0, fd.number(), FdEvents.WRITE).set(1, abort.descriptor(), FdEvents.READ);
    this.look =
        FdWait.of(2).set(0, fd.number(), FdEvents.NONE).set(1, abort.descriptor(), FdEvents.READ);
  }

  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      step(() -> fd.write(bytes));
    }
  }

  void write(IoVectors vectors) throws IOException {
    while (!vectors.isEmpty()) {
      step(() -> GatheredWrite.write(fd, vectors));
    }
  }

  void splice(IoVectors vectors) throws IOException {
    while (!vectors.isEmpty()) {
      step(() -> PipeSplice.splice(fd, vectors));
    }
  }

  /**
   * By way of an empty pipe, for a descriptor that isn't one; it is empty again when this returns.
   */
  void splice(IoVectors vectors, Pipe through) throws IOException {
    while (!vectors.isEmpty()) {
      abort.check();
      if (PipeSplice.splice(through.writeEnd(), vectors) instanceof IoOutcome.Transferred in) {
        move(through.readEnd(), in.bytes());
      }
    }
  }

  private void move(Fd pipe, int length) throws IOException {
    for (int left = length; left > 0; ) {
      int wanted = left;
      left -= step(() -> PipeSplice.move(pipe, fd, wanted));
    }
  }

  /** One call on the descriptor. */
  @FunctionalInterface
  private interface Step {
    IoOutcome take() throws PosixException;
  }

  /** Takes a step, and waits for room when there was none. Bytes that it moved. */
  @CanIgnoreReturnValue
  private int step(Step step) throws IOException {
    abort.check();
    IoOutcome outcome;
    try {
      outcome = step.take();
    } catch (PosixException e) {
      throw broken(e);
    }
    if (outcome instanceof IoOutcome.WouldBlock) {
      room.await(-1);
    }
    return outcome instanceof IoOutcome.Transferred moved ? moved.bytes() : 0;
  }

  /** Waits so long, unless the reading side goes away meanwhile. */
  void rest(long nanos) throws IOException {
    if (readerGone(nanos)) {
      int error = Backlog.of(fd).takeError();
      throw broken(new PosixException("write", fd.toString(), error == 0 ? Errno.EPIPE : error));
    }
  }

  /**
   * Waits until the reading side has taken every byte. Only its going or an empty backlog ends
   * this: the kernel has no "empty" event for the writing side, hence the short looks.
   */
  void drain(Backlog backlog) throws IOException {
    long look = FIRST_LOOK_NANOS;
    boolean gone = readerGone(0);
    int error = backlog.takeError();
    while (error == 0 && backlog.bytes() > 0) {
      if (gone) {
        throw broken(new PosixException("write", fd.toString(), Errno.EPIPE));
      }
      gone = readerGone(look);
      look = Math.min(2 * look, LAST_LOOK_NANOS);
      error = backlog.takeError();
    }
    if (error == 0) {
      // What was thrown away unread is no backlog any more.
      error = backlog.takeError();
    }
    if (error != 0) {
      throw broken(new PosixException("write", fd.toString(), error));
    }
  }

  /** Whether the reading side is gone; waits at most {@code nanos} for that or for the signal. */
  private boolean readerGone(long nanos) throws IOException {
    look.await(nanos);
    abort.check();
    return look.found(0).hangup();
  }

  private ChannelException broken(PosixException e) {
    return new ChannelException("Unable to write to " + target + ": " + e.errorText(), e);
  }
}
