package dev.dunlin.core.run;

import dev.dunlin.core.loop.MainLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;

/**
 * {@link RunControl} of one machine. Requests that overlap are carried out in the order in which
 * they came: a {@code cont} that follows a {@code stop} at once starts the guest when it has
 * stopped.
 *
 * <p>On the loop thread, where not said otherwise.
 */
public final class VmRunControl implements RunControl {
  private final MainLoop loop;
  private final RunEvents events;
  private final RunStateMachine machine = new RunStateMachine();
  private final CpuGroup cpus;
  private final RequestQueue requests = new RequestQueue();
  private final CpuThrottle throttle;
  private final ResetRegistry resets = new ResetRegistry();
  private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean autostart = true;
  private int holds;
  private volatile boolean onlyHolds;

  public VmRunControl(MainLoop loop, RunEvents events) {
    this.loop = loop;
    this.events = events;
    this.cpus = new CpuGroup(loop);
    this.throttle = new CpuThrottle(loop, cpus, requests, this::isRunning);
  }

  @Override
  public RunState state() {
    return machine.state();
  }

  @Override
  public boolean autostart() {
    return autostart;
  }

  @Override
  public void setAutostart(boolean autostart) {
    this.autostart = autostart;
  }

  @Override
  public void holdStart(CompletionStage<?> awaited) {
    loop.assertOnLoop();
    if (!autostart && holds == 0) {
      return;
    }
    holds++;
    autostart = false;
    var unused = awaited.thenRun(this::release);
  }

  private void release() {
    holds--;
    if (holds == 0) {
      autostart = true;
      if (state() == RunState.PRELAUNCH) {
        start();
      }
    }
  }

  @Override
  public boolean onlyHolds() {
    return onlyHolds;
  }

  @Override
  public void setOnlyHolds(boolean onlyHolds) {
    this.onlyHolds = onlyHolds;
  }

  public ResetRegistry resets() {
    return resets;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A guest that stands still already is not stopped again: {@code paused} then changes nothing,
   * as QEMU's vm_stop; any other state is entered, as by its vm_stop_force_state.
   */
  @Override
  public CompletionStage<Void> stop(RunState state) {
    loop.assertOnLoop();
    return requests.submit(() -> isRunning() ? pauseThenEnter(state) : enterStanding(state));
  }

  private CompletionStage<Void> pauseThenEnter(RunState state) {
    if (!RunStateMachine.isAllowed(machine.state(), state) && state == RunState.PAUSED) {
      // QEMU 7.2 doesn't stop a suspended guest: there is no way back to suspended.
      return CompletableFuture.completedFuture(null);
    }
    machine.check(state);
    return cpus.pauseAll()
        .thenRun(
            () -> {
              enter(state);
              events.stopped();
            });
  }

  private CompletionStage<Void> enterStanding(RunState state) {
    if (state != RunState.PAUSED) {
      enter(state);
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> start() {
    loop.assertOnLoop();
    return requests.submit(
        () -> {
          if (machine.state() == RunState.RUNNING) {
            return CompletableFuture.completedFuture(null);
          }
          machine.check(RunState.RUNNING);
          events.resumed();
          enter(RunState.RUNNING);
          return cpus.resumeAll();
        });
  }

  /**
   * Resets the machine: pauses every CPU, runs the hooks, and lets a running guest go on. A guest
   * that stood still is as before its first instruction.
   */
  @Override
  public CompletionStage<Void> reset(boolean byGuest, String reason) {
    loop.assertOnLoop();
    return requests.submit(
        () ->
            cpus.pauseAll()
                .thenRun(
                    () -> {
                      resets.runAll();
                      events.reset(byGuest, reason);
                      enterPrelaunch();
                    })
                .thenCompose(
                    nothing ->
                        isRunning() ? cpus.resumeAll() : CompletableFuture.completedFuture(null)));
  }

  private void enterPrelaunch() {
    switch (machine.state()) {
      case RUNNING, INMIGRATE, FINISH_MIGRATE -> {}
      default -> enter(RunState.PRELAUNCH);
    }
  }

  @Override
  public void transition(RunState to) {
    loop.assertOnLoop();
    if (to == RunState.RUNNING && !isRunning()) {
      throw new IllegalStateException("a guest that stands still is set going by start()");
    }
    enter(to);
  }

  @Override
  public void addCpu(GuestCpu cpu) {
    loop.assertOnLoop();
    cpus.add(cpu);
    throttle.added(cpu);
    var unused =
        requests.submit(() -> cpus.ask(List.of(cpu), c -> isRunning() ? c.resume() : c.pause()));
  }

  @Override
  public void removeCpu(GuestCpu cpu) {
    loop.assertOnLoop();
    cpus.remove(cpu);
  }

  @Override
  public boolean hasCpu() {
    return !cpus.list().isEmpty();
  }

  /** {@inheritDoc} With several CPUs the others are paused while the first one runs the task. */
  @Override
  public CompletionStage<Void> atSafepoint(Runnable task) {
    List<GuestCpu> all = cpus.list();
    if (all.isEmpty()) {
      return CompletableFuture.runAsync(task, Runnable::run);
    }
    if (all.size() == 1) {
      return all.get(0).atSafepoint(task);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () ->
            requests
                .submit(() -> atCommonSafepoint(task))
                .whenComplete(
                    (nothing, failure) -> {
                      if (failure == null) {
                        done.complete(null);
                      } else {
                        done.completeExceptionally(failure);
                      }
                    }));
    return done;
  }

  private CompletionStage<Void> atCommonSafepoint(Runnable task) {
    List<GuestCpu> all = cpus.list();
    if (all.isEmpty()) {
      return CompletableFuture.runAsync(task, Runnable::run);
    }
    List<GuestCpu> first = all.subList(0, 1);
    List<GuestCpu> others = all.subList(1, all.size());
    CompletableFuture<Void> done = new CompletableFuture<>();
    cpus.ask(others, GuestCpu::pause)
        .thenCompose(nothing -> cpus.ask(first, cpu -> cpu.atSafepoint(task)))
        .whenComplete(
            (nothing, failure) ->
                resumeIfRunning(others)
                    .whenComplete(
                        (resumed, late) -> {
                          if (failure == null) {
                            done.complete(null);
                          } else {
                            done.completeExceptionally(failure);
                          }
                        }));
    return done;
  }

  private CompletionStage<Void> resumeIfRunning(List<GuestCpu> some) {
    return isRunning() ? cpus.ask(some, GuestCpu::resume) : CompletableFuture.completedFuture(null);
  }

  @Override
  public void throttle(int percent) {
    loop.assertOnLoop();
    throttle.set(percent);
  }

  @Override
  public int throttlePercent() {
    return throttle.percent();
  }

  @Override
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  private void enter(RunState to) {
    RunState from = machine.enter(to);
    if (from != to) {
      listeners.forEach(listener -> tell(listener, from, to));
    }
  }

  /** A listener's mistake must not keep the guest from stopping. */
  private static void tell(Listener listener, RunState from, RunState to) {
    try {
      listener.changed(from, to);
    } catch (RuntimeException e) {
      LogManager.getLogger(VmRunControl.class).error("a run state listener failed", e);
    }
  }
}
