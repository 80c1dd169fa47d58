package dev.dunlin.core.loop.testing;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import java.time.Duration;

/**
 * A real {@link EventLoop} on a manual clock and a fake poller, turned by hand on the test's own
 * thread.
 */
public final class ManualLoop implements MainLoop {
  private final ManualClock clock = new ManualClock();
  private final FakePoller poller = new FakePoller(clock);
  private final EventLoop loop = new EventLoop(clock, poller);

  @Override
  public ManualClock clock() {
    return clock;
  }

  public FakePoller poller() {
    return poller;
  }

  /** One turn without waiting: queued tasks, due timers, ready descriptors. */
  public void turn() {
    loop.turn(0);
  }

  /** So many turns: enough for tasks that queue tasks. */
  public void turns(int count) {
    for (int i = 0; i < count; i++) {
      turn();
    }
  }

  /** Lets time pass, turning whenever a timer comes due, and once more at the end. */
  public void advance(Duration time) {
    long end = clock.nanoTime() + time.toNanos();
    turn();
    while (clock.nanoTime() < end) {
      long before = clock.nanoTime();
      loop.turn(end - before);
      if (clock.nanoTime() == before) {
        turn();
        clock.advanceNanos(Math.min(1_000_000, end - before));
      }
    }
    turn();
  }

  /** Marks {@code fd} ready and turns once. */
  public void ready(int fd, FdEvents events) {
    poller.setReady(fd, events);
    turn();
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public boolean isLoopThread() {
    return loop.isLoopThread();
  }

  @Override
  public void assertOnLoop() {
    loop.assertOnLoop();
  }

  @Override
  public LoopTimer schedule(Duration delay, Runnable task) {
    return loop.schedule(delay, task);
  }

  @Override
  public FdWatch watch(int fd, FdEvents interest, FdHandler handler) {
    return loop.watch(fd, interest, handler);
  }

  /** The clock as the interface has it. */
  public Clock asClock() {
    return clock;
  }
}
