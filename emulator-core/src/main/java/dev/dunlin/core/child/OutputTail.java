package dev.dunlin.core.child;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The last lines of a child's stderr, for the message when it fails; everything it says also goes
 * on to where it would have gone, our own stderr, or line by line to somebody who reads it.
 *
 * <p>Order: {@link #open}; start the child with {@link #childFd} as its stderr; {@link
 * #childStarted} (also when it failed to start); when the child has ended, {@link #lastLines};
 * {@link #close}.
 *
 * <p>The end of the child decides, never the end of the pipe: a grandchild in the background may
 * hold it for hours. It keeps a reader until it lets go, since a closed pipe would kill it at its
 * next word.
 *
 * <p>Any thread. The loop reads as a rule; {@link #lastLines} reads what the loop hasn't yet, under
 * a lock that the loop only tries.
 */
public final class OutputTail implements AutoCloseable {
  /** One round's share of a chatty child. */
  private static final int CHUNK = 4096;

  /** The most that {@link #lastLines} still reads: a pipe's capacity at its usual largest. */
  private static final int LAST_READ = 1 << 20;

  private final MainLoop loop;
  private final Pipe pipe;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
  private final TailBuffer tail = new TailBuffer();

  /** Under the lock. */
  private boolean ended;

  /** Loop thread. */
  private Optional<FdWatch> watch = Optional.empty();

  /** Hears all that the child says, under the lock. */
  private interface Listener {
    void heard(ByteBuffer bytes);

    /** That was all, for now: {@link #lastLines} has read what there was. */
    default void paused() {}
  }

  private OutputTail(MainLoop loop, Pipe pipe, Listener listener) {
    this.loop = loop;
    this.pipe = pipe;
    this.listener = listener;
  }

  /** A tail that passes everything on to this process's stderr. */
  public static OutputTail open(MainLoop loop) throws PosixException {
    return open(loop, Fd.borrowing(2));
  }

  static OutputTail open(MainLoop loop, Fd passOn) throws PosixException {
    return openFor(loop, bytes -> passOn(bytes, passOn));
  }

  /**
   * A tail whose lines go to {@code reader} instead, each when it is complete, the last one when
   * {@link #lastLines} is asked for; on the loop's thread or on the asking one.
   */
  public static OutputTail open(MainLoop loop, Consumer<String> reader) throws PosixException {
    LineCutter lines = new LineCutter(reader);
    return openFor(
        loop,
        new Listener() {
          @Override
          public void heard(ByteBuffer bytes) {
            lines.add(bytes);
          }

          @Override
          public void paused() {
            lines.end();
          }
        });
  }

  private static OutputTail openFor(MainLoop loop, Listener listener) throws PosixException {
    Pipe pipe = Pipe.open();
    try {
      pipe.readEnd().setNonBlocking(true);
      return new OutputTail(loop, pipe, listener);
    } catch (PosixException e) {
      pipe.close();
      throw e;
    }
  }

  /** What the child gets as its stderr. */
  public int childFd() {
    return pipe.writeEnd().number();
  }

  /** The child has its end now, or there is none: ours is closed and reading begins. */
  public void childStarted() {
    pipe.writeEnd().close();
    loop.execute(this::beginWatching);
  }

  /** The last lines said so far, all that an ended child wrote included. Doesn't wait. */
  public String lastLines() {
    lock.lock();
    try {
      readWhatIsThere();
      listener.paused();
      return tail.lines();
    } finally {
      lock.unlock();
    }
  }

  private void readWhatIsThere() {
    int total = 0;
    int count = 1;
    while (!ended && count > 0 && total < LAST_READ) {
      count = readOnce();
      total += count;
    }
  }

  /** No more lines are wanted. What a grandchild still says is passed on until it lets go. */
  @Override
  public void close() {
    pipe.writeEnd().close();
    loop.execute(this::letGo);
  }

  /** The loop may not turn again, so an end that has come is taken notice of now. */
  private void letGo() {
    lock.lock();
    try {
      if (watch.isPresent()) {
        readWhatIsThere();
        closeAtTheEnd();
      } else {
        // Never watched, or read to the end.
        pipe.close();
      }
    } finally {
      lock.unlock();
    }
  }

  private void closeAtTheEnd() {
    if (ended) {
      watch.ifPresent(FdWatch::close);
      watch = Optional.empty();
      pipe.close();
    }
  }

  private void beginWatching() {
    if (!pipe.readEnd().isOpen()) {
      return;
    }
    watch = Optional.of(loop.watch(pipe.readEnd().number(), FdEvents.READ, events -> readOnLoop()));
  }

  private void readOnLoop() {
    // Whoever holds the lock is reading just now; the loop is told again if something is left.
    if (lock.tryLock()) {
      try {
        if (!ended) {
          readOnce();
        }
        closeAtTheEnd();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Reads one chunk; 0 when there is none now. */
  private int readOnce() {
    try {
      IoOutcome outcome = pipe.readEnd().read(chunk.clear());
      if (outcome instanceof IoOutcome.Transferred transferred) {
        listener.heard(chunk.flip().duplicate());
        tail.add(chunk);
        return transferred.bytes();
      }
      ended = outcome instanceof IoOutcome.EndOfStream;
    } catch (PosixException broken) {
      ended = true;
    }
    return 0;
  }

  /**
   * Written only while there is room: at most PIPE_BUF bytes when poll(2) says writable never
   * block. A stopped terminal costs the text on it, not the loop.
   */
  private static void passOn(ByteBuffer bytes, Fd passOn) {
    try {
      if (passOn.await(FdEvents.WRITE, 0)) {
        passOn.write(bytes);
      }
    } catch (PosixException nobodyReads) {
      // Our stderr is closed or broken: the child's own write would have failed the same way.
    }
  }
}
