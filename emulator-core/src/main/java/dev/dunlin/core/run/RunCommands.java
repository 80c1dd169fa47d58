package dev.dunlin.core.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What {@code stop}, {@code cont}, {@code system_reset} and a guest's own wish to end mean in each
 * state (softmmu/runstate.c, monitor/qmp-cmds.c). Loop thread.
 */
public final class RunCommands {
  private final RunControl run;
  private final RunEvents events;
  private final boolean noReboot;
  private final boolean noShutdown;
  private final Runnable quit;

  /**
   * @param noReboot {@code -no-reboot}: a reset ends the emulator
   * @param noShutdown {@code -no-shutdown}: a guest that ends stops, and the emulator stays
   * @param quit ends the emulator
   */
  public RunCommands(
      RunControl run, RunEvents events, boolean noReboot, boolean noShutdown, Runnable quit) {
    this.run = run;
    this.events = events;
    this.noReboot = noReboot;
    this.noShutdown = noShutdown;
    this.quit = quit;
  }

  /** While a guest comes in, decides that it won't run afterwards. */
  public CompletionStage<Void> stop() {
    if (run.state() == RunState.INMIGRATE) {
      run.setAutostart(false);
      return done();
    }
    return run.stop(RunState.PAUSED);
  }

  /** While a guest comes in, decides that it will run afterwards. */
  public CompletionStage<Void> cont() throws RunException {
    refuseWhereOnlyHeld();
    switch (run.state()) {
      case INTERNAL_ERROR, SHUTDOWN ->
          throw new RunException("Resetting the Virtual Machine is required");
      case FINISH_MIGRATE -> throw new RunException("Migration is not finalized yet");
      case SUSPENDED -> {
        return done();
      }
      case INMIGRATE -> {
        run.setAutostart(true);
        return done();
      }
      default -> {
        return run.start();
      }
    }
  }

  public CompletionStage<Void> systemReset() throws RunException {
    refuseWhereOnlyHeld();
    return reset(false, "host-qmp-system-reset");
  }

  private void refuseWhereOnlyHeld() throws RunException {
    if (run.onlyHolds()) {
      throw new RunException("A relay can't run the guest that it holds: migrate it on");
    }
  }

  /** The guest reset itself. */
  public CompletionStage<Void> guestReset() {
    return reset(true, "guest-reset");
  }

  /** The guest switched itself off. */
  public CompletionStage<Void> guestShutdown() {
    return shutdown(true, "guest-shutdown");
  }

  private CompletionStage<Void> reset(boolean byGuest, String reason) {
    return noReboot ? shutdown(byGuest, reason) : run.reset(byGuest, reason);
  }

  private CompletionStage<Void> shutdown(boolean byGuest, String reason) {
    events.shutdown(byGuest, reason);
    if (noShutdown) {
      return run.isRunning() ? run.stop(RunState.SHUTDOWN) : done();
    }
    quit.run();
    return done();
  }

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
