package dev.dunlin.core.run;

import java.util.concurrent.CompletionStage;

/**
 * Run state and the guest's CPUs together. State is read on any thread and changed on the loop
 * thread.
 */
public interface RunControl {

  RunState state();

  default boolean isRunning() {
    return state() == RunState.RUNNING || state() == RunState.SUSPENDED;
  }

  /**
   * QEMU's vm_stop: pauses every CPU, emits STOP when the guest was running, then enters {@code
   * state}. Completes on the loop thread when the guest stands still. Loop thread.
   */
  CompletionStage<Void> stop(RunState state);

  /** QEMU's vm_start: enters {@code running}, emits RESUME, resumes every CPU. Loop thread. */
  CompletionStage<Void> start();

  /**
   * Resets the machine; a guest that stood still is as before its first instruction. Loop thread.
   *
   * @param reason QMP's ShutdownCause
   */
  default CompletionStage<Void> reset(boolean byGuest, String reason) {
    throw new UnsupportedOperationException();
  }

  /**
   * Changes state while the guest stands still; an impossible transition throws
   * IllegalStateException. Loop thread.
   */
  void transition(RunState to);

  /** Adds a CPU; it is paused or resumed to match the present state. Loop thread. */
  void addCpu(GuestCpu cpu);

  void removeCpu(GuestCpu cpu);

  /**
   * Whether anything can write guest memory while running: without a CPU, a running machine's RAM
   * stands still.
   */
  boolean hasCpu();

  /**
   * Runs {@code task} at a common safepoint of all CPUs (on the caller when there is none). Any
   * thread.
   */
  CompletionStage<Void> atSafepoint(Runnable task);

  /**
   * Whether a guest that comes in by migration runs when it is there; {@code -S}, {@code stop} and
   * {@code cont} decide.
   */
  default boolean autostart() {
    return true;
  }

  /** Loop thread. */
  default void setAutostart(boolean autostart) {
    throw new UnsupportedOperationException();
  }

  /**
   * Slows the guest down: every CPU stands still {@code percent} percent of the time (0 to 99),
   * until told otherwise. The run state doesn't change. Loop thread.
   */
  default void throttle(int percent) {
    throw new UnsupportedOperationException();
  }

  /** How many percent of the time the guest is made to stand still. Any thread. */
  default int throttlePercent() {
    return 0;
  }

  /**
   * Keeps a guest that would start by itself from it until {@code awaited} has completed, which it
   * does on the loop thread; of several, the last one lets it go. Where QEMU blocks for the first
   * client of a server, the loop must not. Loop thread.
   */
  default void holdStart(CompletionStage<?> awaited) {
    throw new UnsupportedOperationException();
  }

  /** Whether the guest is only held here, by a machine that can't run it; then it stands still. */
  default boolean onlyHolds() {
    return false;
  }

  /** Loop thread. */
  default void setOnlyHolds(boolean onlyHolds) {
    throw new UnsupportedOperationException();
  }

  /** Called on the loop thread after each change of state. */
  void addListener(Listener listener);

  void removeListener(Listener listener);

  /** Old and new state, in order. */
  @FunctionalInterface
  interface Listener {
    void changed(RunState from, RunState to);
  }
}
