package dev.dunlin.core.machine;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.run.GuestCpu;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.PhysicalMap;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for a guest CPU: increments the first byte of each page of a range, round and round, as
 * the guest of QEMU's migration test does, so that a lost or torn page shows as a step in the
 * bytes.
 *
 * <p>Its own thread starts when it is first needed and does all the writing and all safepoint
 * tasks. Requests come from any thread and never wait: they leave a task and raise a flag that the
 * thread looks at before every write.
 */
final class RamWriter implements GuestCpu, AutoCloseable {
  private final PageWalk pages;
  private final Pace pace;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private @Nullable Thread thread;
  private boolean running;
  private boolean resumed;
  private boolean closed;
  private volatile boolean attention;

  private RamWriter(PageWalk pages, Pace pace) {
    this.pages = pages;
    this.pace = pace;
  }

  /** Refuses a range without any RAM, and one that goes on where nothing is. */
  static RamWriter create(RamWriterDevice device, GuestRam ram, long ramSize, Clock clock)
      throws OptionException {
    long end = device.endFor(ramSize);
    PageWalk pages = PageWalk.over(ram.physical(), device.start(), end);
    if (pages.isEmpty()) {
      throw new OptionException(
          "ram-writer: there is no RAM between 0x%x and 0x%x".formatted(device.start(), end));
    }
    long last =
        ram.physical().regions().stream()
            .filter(region -> !region.block().isRom())
            .mapToLong(PhysicalMap.Region::end)
            .max()
            .orElse(0);
    if (end > last) {
      throw new OptionException(
          "ram-writer: 'end' (0x%x) is behind the end of RAM (0x%x)".formatted(end, last));
    }
    return new RamWriter(pages, new Pace(clock, device.rate()));
  }

  @Override
  public CompletionStage<Void> pause() {
    return request(false, () -> {});
  }

  @Override
  public CompletionStage<Void> resume() {
    lock.lock();
    try {
      resumed |= !running;
      running = !closed;
      if (running) {
        wakeThread();
      }
      return CompletableFuture.completedFuture(null);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Void> atSafepoint(Runnable task) {
    return request(true, task);
  }

  /** Without a thread nothing is being written, and pausing needs none. */
  private CompletionStage<Void> request(boolean goOn, Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lock.lock();
    try {
      running &= goOn;
      boolean nothingToStop = !goOn && thread == null;
      if (!closed && !nothingToStop) {
        tasks.add(() -> complete(done, task));
        wakeThread();
        return done;
      }
    } finally {
      lock.unlock();
    }
    complete(done, task);
    return done;
  }

  private static void complete(CompletableFuture<Void> done, Runnable task) {
    try {
      task.run();
      done.complete(null);
    } catch (RuntimeException | Error e) {
      done.completeExceptionally(e);
    }
  }

  private void wakeThread() {
    attention = true;
    changed.signal();
    if (thread == null) {
      thread = new Thread(this::run, "ram-writer");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Pages written so far; exact while paused. Any thread. */
  long pagesWritten() {
    return pages.count();
  }

  /** Ends the thread; whoever waits for a task of it gets it done first. Idempotent. */
  @Override
  public void close() {
    Thread ending;
    lock.lock();
    try {
      closed = true;
      running = false;
      attention = true;
      changed.signal();
      ending = thread;
    } finally {
      lock.unlock();
    }
    if (ending != null && ending != Thread.currentThread()) {
      joinUninterruptibly(ending);
    }
  }

  private static void joinUninterruptibly(Thread ending) {
    boolean interrupted = false;
    while (ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (awaitTurn()) {
      try {
        writeDuePages();
      } catch (RuntimeException e) {
        // The memory was closed or the embedder's backing failed: this CPU is dead, its requests
        // are still answered.
        LogManager.getLogger(RamWriter.class).error("ram-writer stops", e);
        stopWriting();
      }
    }
  }

  private void writeDuePages() {
    long due = pace.duePages();
    long written = 0;
    while (written < due && !attention) {
      pages.incrementNext();
      written++;
    }
    pace.written(written);
  }

  /** Does what was asked and waits until a page is due; false when it is all over. */
  private boolean awaitTurn() {
    while (true) {
      Runnable task;
      lock.lock();
      try {
        task = tasks.poll();
        if (task == null) {
          attention = false;
          if (closed) {
            return false;
          }
          if (resumed) {
            pace.restart();
            resumed = false;
          }
          long wait = running ? pace.nanosToWait() : Long.MAX_VALUE;
          if (wait == 0) {
            return true;
          }
          await(wait);
        }
      } finally {
        lock.unlock();
      }
      if (task != null) {
        task.run();
      }
    }
  }

  /** Returns early now and then; the caller looks again at everything anyway. */
  @SuppressWarnings({"WaitNotInLoop", "ResultOfMethodCallIgnored"})
  private void await(long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      // Nobody has business interrupting a CPU; the flag stays cleared so that waiting works.
      LogManager.getLogger(RamWriter.class).debug("ram-writer was interrupted");
    }
  }

  private void stopWriting() {
    lock.lock();
    try {
      running = false;
    } finally {
      lock.unlock();
    }
  }
}
