package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * One connection on the loop: reads while wanted, writes what it can and queues the rest. The end
 * of the input ends it; a broken output only makes it swallow output, so that commands which a
 * client sent before it left are still read (as QEMU reads them). Loop thread.
 */
final class ByteStream implements AutoCloseable {
  static final int READ_BYTES = 4096;
  static final int CONGESTED_BYTES = 64 * 1024;

  interface Listener {
    void received(ByteBuffer bytes);

    void writable();

    /** The input is over; the listener closes the stream. */
    void ended();
  }

  private final BytePort port;
  private final Listener listener;
  private final OutputQueue output = new OutputQueue();
  private final Clock clock;
  private final ByteBuffer input = ByteBuffer.allocateDirect(READ_BYTES);
  private final FdWatch readWatch;
  private final @Nullable FdWatch writeWatch;
  private boolean reading = true;
  private boolean noticingEnd;

  /** Input is there that isn't wanted: no end before it. */
  private boolean inputWaits;

  private boolean inputOver;
  private boolean outputBroken;
  private boolean closed;

  ByteStream(MainLoop loop, BytePort port, Listener listener) {
    this.port = port;
    this.listener = listener;
    this.clock = loop.clock();
    boolean oneFd = port.readFd() == port.writeFd();
    this.readWatch = loop.watch(port.readFd(), FdEvents.READ, this::ready);
    this.writeWatch = oneFd ? null : loop.watch(port.writeFd(), FdEvents.NONE, this::ready);
  }

  void setReading(boolean wanted) {
    if (reading != wanted && !closed) {
      reading = wanted;
      inputWaits = false;
      updateInterest();
    }
  }

  /** Whether the end is found though nothing is read. */
  void setNoticingEnd(boolean noticing) {
    if (noticingEnd != noticing && !closed) {
      noticingEnd = noticing;
      updateInterest();
    }
  }

  void write(byte[] bytes) {
    if (outputBroken || closed) {
      return;
    }
    boolean idle = output.isEmpty();
    output.add(bytes);
    if (idle) {
      flush();
      updateInterest();
    }
  }

  long queued() {
    return output.bytes();
  }

  boolean isCongested() {
    return output.bytes() > CONGESTED_BYTES;
  }

  /** Waits, for a short time, until the queue has been taken: for the last words of a program. */
  void drain(Duration limit) {
    long deadline = clock.nanoTime() + limit.toNanos();
    try (Fd out = Fd.borrowing(port.writeFd())) {
      while (!output.isEmpty() && out.await(FdEvents.WRITE, deadline - clock.nanoTime())) {
        flush();
      }
    } catch (PosixException e) {
      LogManager.getLogger(ByteStream.class).debug("output broken: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    output.clear();
    readWatch.close();
    if (writeWatch != null) {
      writeWatch.close();
    }
    port.close();
  }

  private void ready(FdEvents events) {
    if (!output.isEmpty() && (events.writable() || events.hangup())) {
      flush();
      updateInterest();
      if (output.isEmpty()) {
        listener.writable();
      }
    }
    // A hang-up comes with the events that were asked for, asked or not: only a read tells.
    if (!closed && !inputOver && (events.readable() || events.hangup())) {
      if (reading) {
        read();
      } else if (noticingEnd) {
        lookForEnd();
      }
    }
  }

  /** Readable without a byte to read: the end (socket(7), pipe(7)). */
  private void lookForEnd() {
    try (Fd in = Fd.borrowing(port.readFd())) {
      inputWaits = in.available() > 0;
    } catch (PosixException e) {
      LogManager.getLogger(ByteStream.class)
          .debug("nothing known of the input: {}", e.getMessage());
      inputWaits = true;
    }
    if (inputWaits) {
      updateInterest();
    } else {
      read();
    }
  }

  private void read() {
    input.clear();
    IoOutcome outcome;
    try {
      outcome = port.read(input);
    } catch (PosixException e) {
      // A connection that was reset, a terminal that is gone (EIO): an end like any other.
      LogManager.getLogger(ByteStream.class).debug("input ended: {}", e.getMessage());
      outcome = IoOutcome.END_OF_STREAM;
    }
    if (outcome instanceof IoOutcome.EndOfStream) {
      inputOver = true;
      updateInterest();
      listener.ended();
    } else if (outcome instanceof IoOutcome.Transferred) {
      listener.received(input.flip());
    }
  }

  private void flush() {
    try {
      for (ByteBuffer head = output.head(); head != null; head = output.head()) {
        if (!(port.write(head) instanceof IoOutcome.Transferred moved)) {
          return;
        }
        output.taken(moved.bytes());
      }
    } catch (PosixException e) {
      LogManager.getLogger(ByteStream.class).debug("output broken: {}", e.getMessage());
      outputBroken = true;
      output.clear();
    }
  }

  private void updateInterest() {
    if (closed) {
      return;
    }
    boolean writing = !output.isEmpty();
    boolean wantsInput = (reading || (noticingEnd && !inputWaits)) && !inputOver;
    if (writeWatch == null) {
      readWatch.setInterest(new FdEvents(wantsInput, writing, false));
    } else {
      readWatch.setInterest(wantsInput ? FdEvents.READ : FdEvents.NONE);
      writeWatch.setInterest(writing ? FdEvents.WRITE : FdEvents.NONE);
    }
  }
}
