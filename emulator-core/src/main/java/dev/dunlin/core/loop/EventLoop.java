package dev.dunlin.core.loop;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * {@link MainLoop} over an {@link FdPoller}, on the thread that calls {@link #run}. Until then the
 * thread that made it counts as the loop thread, so that everything can be set up first.
 *
 * <p>One turn: the tasks queued by now, the timers due by now, then the descriptors, waiting no
 * longer than to the next timer. What a turn adds belongs to the next turn, so a task that queues
 * itself starves nobody. A task or handler that throws is logged and the loop goes on. Waiting for
 * descriptors and telling their handlers makes no objects.
 */
public final class EventLoop implements MainLoop, AutoCloseable {
  private final Clock clock;
  private final FdPoller poller;
  private final TaskQueue tasks = new TaskQueue();
  private final TimerHeap timers = new TimerHeap();
  private final TokenTable<Watch> watches = new TokenTable<>();
  private final FdPoller.Sink dispatch = this::dispatch;

  /** A wake-up is under way: producers ask for one only when it isn't. */
  private final AtomicBoolean awake = new AtomicBoolean();

  private volatile Thread thread = Thread.currentThread();
  private TurnEnd turnEnd = now -> -1;
  private boolean stopping;
  private long lastToken;

  /**
   * Work that belongs to the end of each turn: deadlines kept elsewhere, output that was batched.
   */
  @FunctionalInterface
  public interface TurnEnd {
    /**
     * Does what is due before the loop waits.
     *
     * @return nanoseconds until it wants the next turn, negative when nothing is pending
     */
    long beforeWait(long nowNanos);
  }

  public EventLoop(Clock clock, FdPoller poller) {
    this.clock = clock;
    this.poller = poller;
  }

  /** Makes the calling thread the loop thread; the one that was must be done with it. */
  public void adopt() {
    thread = Thread.currentThread();
  }

  /**
   * Turns until {@link #stop}; the calling thread is the loop thread from now on, also after the
   * return, so that it can take everything down. May be called again.
   */
  public void run() {
    adopt();
    while (!stopping) {
      turn(-1);
    }
    stopping = false;
  }

  /**
   * Lets {@link #run} return after the turn that reaches this; what the same thread queued before
   * is run first. Any thread.
   */
  public void stop() {
    execute(() -> stopping = true);
  }

  /**
   * One turn, waiting for descriptors at most {@code waitNanos} (negative: for ever): for an
   * embedder with a loop of its own, and for tests. Loop thread.
   */
  public void turn(long waitNanos) {
    assertOnLoop();
    awake.set(false);
    runTasks();
    runTimers();
    long wanted = turnEnd.beforeWait(clock.nanoTime());
    poller.poll(pollTimeout(shorter(waitNanos, wanted)), dispatch);
  }

  /**
   * One turn that doesn't wait, the end of turn that its events asked for included: for a loop that
   * its owner turns between other work. The calling thread is the loop thread from now on; the
   * caller sees to it that there is one at a time.
   *
   * @return nanoseconds until the next turn is wanted, negative when only events want one
   */
  public long turnNow() {
    return turnNow(0);
  }

  /** The same, but it waits for events or the next deadline, at most so long. */
  public long turnNow(long waitNanos) {
    adopt();
    turn(waitNanos);
    long wanted = turnEnd.beforeWait(clock.nanoTime());
    return pollTimeout(wanted);
  }

  /** Called at the end of every turn from now on, in place of the one before. Loop thread. */
  public void setTurnEnd(TurnEnd end) {
    assertOnLoop();
    turnEnd = end;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    // The loop thread looks at the queue before it waits; others knock, the first of them only.
    if (!isLoopThread() && !awake.getAndSet(true)) {
      poller.wakeup();
    }
  }

  @Override
  public boolean isLoopThread() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void assertOnLoop() {
    if (!isLoopThread()) {
      throw new IllegalStateException(
          "must be called on " + thread.getName() + ", not on " + Thread.currentThread().getName());
    }
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public LoopTimer schedule(Duration delay, Runnable task) {
    assertOnLoop();
    return timers.add(clock.nanoTime(), delay, task);
  }

  @Override
  public FdWatch watch(int fd, FdEvents interest, FdHandler handler) {
    assertOnLoop();
    Watch watch = new Watch(fd, ++lastToken, handler);
    poller.add(fd, watch.token, interest);
    watches.put(watch.token, watch);
    return watch;
  }

  /** Descriptors watched now: 0 when everything has been taken down. Loop thread. */
  public int watchCount() {
    assertOnLoop();
    return watches.size();
  }

  /** Closes the poller. Tasks queued and timers pending are dropped. Loop thread. */
  @Override
  public void close() {
    assertOnLoop();
    poller.close();
  }

  private void runTasks() {
    Object end = tasks.end();
    while (!tasks.isAt(end)) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      guarded(task);
    }
  }

  private void runTimers() {
    long now = clock.nanoTime();
    long mark = timers.mark();
    @Nullable Runnable due;
    while ((due = timers.takeDue(now, mark)) != null) {
      guarded(due);
    }
  }

  private long pollTimeout(long waitNanos) {
    if (stopping || !tasks.isEmpty()) {
      return 0;
    }
    return shorter(timers.nanosToNext(clock.nanoTime()), waitNanos);
  }

  /** Of two waits, of which a negative one is for ever. */
  private static long shorter(long one, long other) {
    return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
  }

  private void dispatch(long token, FdEvents events) {
    Watch watch = watches.get(token);
    if (watch == null) {
      return;
    }
    try {
      watch.handler.ready(events);
    } catch (Throwable e) {
      failed(e);
    }
  }

  private static void guarded(Runnable step) {
    try {
      step.run();
    } catch (Throwable e) {
      failed(e);
    }
  }

  /** Errors too: a class that can't be linked in one module mustn't silence the monitor. */
  private static void failed(Throwable e) {
    LogManager.getLogger(EventLoop.class).error("a task on the loop failed", e);
  }

  /** One descriptor; in {@link #watches} exactly as long as it may be called. */
  private final class Watch implements FdWatch {
    private final int fd;
    private final long token;
    private final FdHandler handler;

    Watch(int fd, long token, FdHandler handler) {
      this.fd = fd;
      this.token = token;
      this.handler = handler;
    }

    @Override
    public void setInterest(FdEvents interest) {
      assertOnLoop();
      if (watches.get(token) != null) {
        poller.modify(fd, token, interest);
      }
    }

    @Override
    public void close() {
      assertOnLoop();
      if (watches.remove(token) != null) {
        poller.remove(fd, token);
      }
    }
  }
}
