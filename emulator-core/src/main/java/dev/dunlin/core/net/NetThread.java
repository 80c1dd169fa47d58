package dev.dunlin.core.net;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.posix.EpollPoller;
import dev.dunlin.core.posix.PosixException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The thread that owns the frames of one or more connected backends: one event loop over their
 * descriptors, host sockets and timers, and one pool of frames. Nothing on it is locked.
 *
 * <p>An embedder may turn the loop on a thread of his own, between other work ({@link
 * NicPort#service}): then there is no thread here, and whoever turns it is "the NetThread" for that
 * turn. Only such a loop has a lock, held for a turn.
 */
public final class NetThread implements Executor {
  /**
   * 4 MiB of small frames and 8 MiB of large ones at most, made as they are needed. Traffic itself
   * has few in hand, whatever its rate; links whose peers are slow hold the rest (a {@code dgram}
   * link 4 MiB).
   */
  private static final int MOST_SMALL = 2048;

  private static final int MOST_LARGE = 128;

  /** How long a wait for something on an unthreaded loop sits in one turn. */
  private static final long DRIVE_TURN_NANOS = 10_000_000;

  private final EventLoop loop;
  private final FramePool pool = new FramePool(MOST_SMALL, MOST_LARGE);
  private final TurnEnds turnEnds = new TurnEnds();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final boolean threaded;
  private final Object turning = new Object();

  @GuardedBy("turning") private boolean closed;

  private NetThread(EventLoop loop, boolean threaded) {
    this.loop = loop;
    this.threaded = threaded;
    loop.setTurnEnd(turnEnds);
  }

  /** Opens an epoll instance and starts the thread. */
  public static NetThread start(String name, Clock clock) throws PosixException {
    NetThread started = new NetThread(new EventLoop(clock, EpollPoller.open()), true);
    Thread thread = new Thread(started::run, name);
    thread.setDaemon(true);
    thread.start();
    return started;
  }

  /** Opens an epoll instance for a loop that others turn. */
  static NetThread unthreaded(Clock clock) throws PosixException {
    return new NetThread(new EventLoop(clock, EpollPoller.open()), false);
  }

  private void run() {
    try (loop) {
      loop.run();
    } finally {
      ended.complete(null);
    }
  }

  /** Its methods are for this thread, but for {@code execute}. */
  public EventLoop loop() {
    return loop;
  }

  /** This thread. */
  public FramePool pool() {
    return pool;
  }

  /** What is done at the end of each turn of the loop. This thread. */
  public TurnEnds turnEnds() {
    return turnEnds;
  }

  /** Queues a task; dropped when the thread has ended. Any thread. */
  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  /** Whether a thread of its own turns it. */
  boolean isThreaded() {
    return threaded;
  }

  /**
   * One turn of an unthreaded loop on the calling thread.
   *
   * @return nanoseconds until the next is wanted, negative when only events want one
   */
  long turn(long waitNanos) {
    synchronized (turning) {
      return closed ? -1 : loop.turnNow(waitNanos);
    }
  }

  /** Waits for something that completes on this thread; turns an unthreaded loop meanwhile. */
  <T> T await(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    while (!threaded && !future.isDone()) {
      turn(DRIVE_TURN_NANOS);
    }
    return future.join();
  }

  /** Ends the thread after what is queued by now; completes when it has ended. Any thread. */
  public CompletionStage<Void> stop() {
    if (threaded) {
      loop.stop();
      return ended;
    }
    synchronized (turning) {
      if (!closed) {
        loop.turnNow();
        closed = true;
        loop.close();
      }
    }
    return CompletableFuture.completedFuture(null);
  }
}
