package dev.dunlin.core.run;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a machine's CPUs stand still part of the time, so that a migration can catch up with them:
 * slices of ten milliseconds, each followed by a standstill that makes up the percentage, as QEMU
 * does (softmmu/cpu-throttle.c). A CPU that can slow down by itself is only told. Loop thread, but
 * {@link #percent}.
 */
final class CpuThrottle {
  static final int MOST = 99;
  private static final long SLICE_NANOS = 10_000_000;

  private final MainLoop loop;
  private final CpuGroup cpus;
  private final RequestQueue requests;
  private final BooleanSupplier running;
  private volatile int percent;
  private boolean turning;
  private @Nullable LoopTimer timer;
  private @Nullable Runnable next;

  CpuThrottle(MainLoop loop, CpuGroup cpus, RequestQueue requests, BooleanSupplier running) {
    this.loop = loop;
    this.cpus = cpus;
    this.requests = requests;
    this.running = running;
  }

  /**
   * How many percent of the time the CPUs stand still; 0 when they aren't throttled. Any thread.
   */
  int percent() {
    return percent;
  }

  void set(int wanted) {
    percent = Math.max(0, Math.min(MOST, wanted));
    cpus.list().forEach(cpu -> cpu.throttle(percent));
    if (percent > 0 && !turning) {
      turning = true;
      after(SLICE_NANOS, this::hold);
    } else if (percent == 0) {
      endNow();
    }
  }

  /** A CPU that comes while the others are slow is as slow as they. */
  void added(GuestCpu cpu) {
    if (percent > 0) {
      cpu.throttle(percent);
    }
  }

  private void hold() {
    long standstill = SLICE_NANOS * percent / (100 - percent);
    request(GuestCpu::pause, () -> after(standstill, this::release));
  }

  private void release() {
    request(
        GuestCpu::resume,
        () -> {
          turning = percent > 0;
          if (turning) {
            after(SLICE_NANOS, this::hold);
          }
        });
  }

  /** Goes behind what was asked of the guest before; a guest that was stopped is left alone. */
  private void request(Function<GuestCpu, CompletionStage<Void>> question, Runnable then) {
    requests
        .submit(
            () ->
                running.getAsBoolean()
                    ? cpus.ask(dependent(), question)
                    : CompletableFuture.completedFuture(null))
        .whenComplete((nothing, failure) -> then.run());
  }

  private List<GuestCpu> dependent() {
    return cpus.list().stream().filter(cpu -> !cpu.throttlesItself()).toList();
  }

  private void after(long nanos, Runnable step) {
    next = step;
    timer = loop.schedule(Duration.ofNanos(percent == 0 ? 0 : nanos), this::proceed);
  }

  private void proceed() {
    Runnable step = next;
    next = null;
    timer = null;
    if (step != null) {
      step.run();
    }
  }

  /** What waits for its time is due: a standstill ends, a slice has no standstill after it. */
  private void endNow() {
    LoopTimer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
      timer = null;
      next = null;
      release();
    }
  }
}
