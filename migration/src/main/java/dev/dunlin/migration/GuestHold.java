package dev.dunlin.migration;

import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunState;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stops the guest for one migration and sets it going again if that came to nothing. Loop thread.
 */
final class GuestHold {
  private final RunControl run;
  private RunState before = RunState.RUNNING;
  private @Nullable CompletionStage<Void> stopping;

  GuestHold(RunControl run) {
    this.run = run;
  }

  /** Completes with the state before, when the guest stands still. */
  CompletionStage<RunState> stop() {
    RunState found = run.state();
    CompletionStage<Void> stop = run.stop(RunState.FINISH_MIGRATE);
    before = found;
    stopping = stop;
    return stop.thenApply(nothing -> found);
  }

  /** A stop that was asked for has to end before the guest can be set going again. */
  void whenStandingStill(Runnable then) {
    CompletionStage<Void> stop = stopping;
    if (stop == null) {
      then.run();
    } else {
      stop.whenComplete((nothing, failure) -> then.run());
    }
  }

  /** The machine is as it was before {@link #stop}. */
  void release() {
    if (stopping == null || run.state() != RunState.FINISH_MIGRATE) {
      return;
    }
    switch (before) {
      case RUNNING, SUSPENDED -> {
        var unused = run.start();
      }
      case PRELAUNCH -> run.transition(RunState.PRELAUNCH);
      default -> run.transition(RunState.PAUSED);
    }
  }
}
