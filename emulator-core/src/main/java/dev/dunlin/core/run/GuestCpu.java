package dev.dunlin.core.run;

import java.util.concurrent.CompletionStage;

/**
 * Whatever executes the guest: an embedding VMM's CPU thread, or a stand-in such as {@code
 * ram-writer}. Called on the loop thread or the migration thread; none of these calls may block the
 * caller, and the CPU's own thread does the work: it is never called back on a foreign one.
 */
public interface GuestCpu {

  /**
   * Asks the guest to stop; completes when no instruction runs and no write to guest memory is
   * under way.
   */
  CompletionStage<Void> pause();

  /** Lets the guest run; completes when it has been told. */
  CompletionStage<Void> resume();

  /**
   * Runs {@code task} on the CPU's thread between two instructions (at once when paused); completes
   * when it has run.
   */
  CompletionStage<Void> atSafepoint(Runnable task);

  /**
   * From now on the guest is to stand still {@code percent} percent of the time (0 to 99; 0: no
   * more), so that a migration can catch up with what it writes (QEMU's auto-converge). Only a CPU
   * that {@link #throttlesItself} does anything about it; the others are paused and resumed in
   * turn, every ten milliseconds or so.
   */
  default void throttle(int percent) {}

  /** Whether this CPU slows down by itself when it is told to {@link #throttle}. */
  default boolean throttlesItself() {
    return false;
  }
}
