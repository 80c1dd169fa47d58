package dev.dunlin.core.run;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * The ready-made {@link GuestCpu} of an embedding VMM. The VMM's CPU thread calls {@link #poll}
 * between two instructions, or every few thousand of them; that costs one volatile read when there
 * is nothing to do. Everything that is asked of the CPU happens inside that call, on that thread;
 * no other thread of Dunlin ever touches the VMM.
 *
 * <pre>{@code
 * VmmPort port = new VmmPort(cpu::wakeFromHalt);
 * emulator.loop().execute(() -> emulator.run().addCpu(port));
 * while (on) {
 *   if (port.pollOrPark()) cpu.execute(10_000);
 * }
 * port.close();
 * }</pre>
 *
 * <p>A new port is paused until it is added to a machine that runs.
 */
public final class VmmPort implements GuestCpu, AutoCloseable {
  private final Runnable wake;
  private final Optional<IntConsumer> slower;
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();

  /** There is a request, or the guest is paused: the CPU thread has to look closer. */
  private volatile boolean attention = true;

  private volatile boolean closed;
  private volatile @Nullable Thread parked;

  /** Only the CPU thread's. */
  private boolean paused = true;

  private record Request(Runnable action, CompletableFuture<Void> done) {
    void run() {
      try {
        action.run();
        done.complete(null);
      } catch (RuntimeException | AssertionError | StackOverflowError e) {
        done.completeExceptionally(e);
      }
    }
  }

  /** A port for a CPU thread that never sleeps long, or only in {@link #pollOrPark}. */
  public VmmPort() {
    this(() -> {});
  }

  /**
   * @param wake ends the CPU thread's own sleep, if it is asleep; called on any thread, must not
   *     block
   */
  public VmmPort(Runnable wake) {
    this.wake = wake;
    this.slower = Optional.empty();
  }

  /**
   * A port for a VMM that can slow its CPU down in a better way than by standing still for tens of
   * milliseconds, which is what happens to a throttled guest otherwise.
   *
   * @param slower is told the percentage of time that the guest is to lose, 0 for none; called on
   *     the CPU thread, inside {@link #poll}
   */
  public VmmPort(Runnable wake, IntConsumer slower) {
    this.wake = wake;
    this.slower = Optional.of(slower);
  }

  /**
   * Does what is asked of the CPU and says whether it may execute instructions now. Never blocks.
   * CPU thread.
   */
  public boolean poll() {
    return !attention || serve();
  }

  /**
   * As {@link #poll}, but a paused CPU thread sleeps here until it may run, is interrupted, or the
   * port is closed; then false. CPU thread.
   */
  public boolean pollOrPark() {
    while (!poll()) {
      if (closed || Thread.currentThread().isInterrupted()) {
        return false;
      }
      parked = Thread.currentThread();
      // A request that came before the line above woke nobody; look again before sleeping.
      if (requests.isEmpty() && !closed) {
        LockSupport.park(this);
      }
      parked = null;
    }
    return true;
  }

  private boolean serve() {
    attention = false;
    drain();
    if (paused) {
      attention = true;
    }
    return !paused;
  }

  private void drain() {
    Request request;
    while ((request = requests.poll()) != null) {
      request.run();
    }
  }

  @Override
  public CompletionStage<Void> pause() {
    return ask(() -> paused = true);
  }

  @Override
  public CompletionStage<Void> resume() {
    return ask(() -> paused = false);
  }

  @Override
  public CompletionStage<Void> atSafepoint(Runnable task) {
    return ask(task);
  }

  @Override
  public void throttle(int percent) {
    slower.ifPresent(
        hook -> {
          var unused = ask(() -> hook.accept(percent));
        });
  }

  @Override
  public boolean throttlesItself() {
    return slower.isPresent();
  }

  private CompletionStage<Void> ask(Runnable action) {
    Request request = new Request(action, new CompletableFuture<>());
    requests.add(request);
    attention = true;
    if (closed) {
      drain();
    } else {
      wakeUp();
    }
    return request.done();
  }

  private void wakeUp() {
    Thread sleeper = parked;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
    try {
      wake.run();
    } catch (RuntimeException e) {
      LogManager.getLogger(VmmPort.class).error("the VMM's wake hook failed", e);
    }
  }

  /**
   * The CPU executes nothing any more: what is asked of it is done at once by whoever asks. Any
   * thread, after the CPU's last instruction.
   */
  @Override
  public void close() {
    closed = true;
    drain();
    wakeUp();
  }
}
