package dev.dunlin.core.run;

import static dev.dunlin.core.run.RunState.*;

import com.google.common.collect.ImmutableSetMultimap;
import org.apache.logging.log4j.LogManager;

/**
 * The state and the transitions that QEMU 7.2 allows (softmmu/runstate.c). Read on any thread,
 * changed by one owner.
 */
public final class RunStateMachine {
  private static final ImmutableSetMultimap<RunState, RunState> ALLOWED =
      ImmutableSetMultimap.<RunState, RunState>builder()
          .putAll(DEBUG, RUNNING, FINISH_MIGRATE, PRELAUNCH, SUSPENDED)
          .putAll(INMIGRATE, INTERNAL_ERROR, IO_ERROR, PAUSED, RUNNING, SHUTDOWN, SUSPENDED)
          .putAll(INMIGRATE, WATCHDOG, GUEST_PANICKED, FINISH_MIGRATE, PRELAUNCH)
          .putAll(INMIGRATE, POSTMIGRATE, COLO)
          .putAll(INTERNAL_ERROR, PAUSED, FINISH_MIGRATE, PRELAUNCH)
          .putAll(IO_ERROR, RUNNING, FINISH_MIGRATE, PRELAUNCH)
          .putAll(PAUSED, RUNNING, FINISH_MIGRATE, POSTMIGRATE, PRELAUNCH, COLO)
          .putAll(POSTMIGRATE, RUNNING, FINISH_MIGRATE, PRELAUNCH)
          .putAll(PRELAUNCH, RUNNING, FINISH_MIGRATE, INMIGRATE)
          .putAll(FINISH_MIGRATE, RUNNING, PAUSED, POSTMIGRATE, PRELAUNCH, COLO)
          .putAll(RESTORE_VM, RUNNING, PRELAUNCH)
          .putAll(COLO, RUNNING, PRELAUNCH, SHUTDOWN)
          .putAll(RUNNING, DEBUG, INTERNAL_ERROR, IO_ERROR, PAUSED, FINISH_MIGRATE, RESTORE_VM)
          .putAll(RUNNING, SAVE_VM, SHUTDOWN, WATCHDOG, GUEST_PANICKED, COLO, SUSPENDED)
          .putAll(SAVE_VM, RUNNING)
          .putAll(SHUTDOWN, PAUSED, FINISH_MIGRATE, PRELAUNCH, COLO)
          .putAll(SUSPENDED, RUNNING, FINISH_MIGRATE, PRELAUNCH, COLO)
          .putAll(WATCHDOG, RUNNING, FINISH_MIGRATE, PRELAUNCH, COLO)
          .putAll(GUEST_PANICKED, RUNNING, FINISH_MIGRATE, PRELAUNCH)
          .build();

  private volatile RunState state;

  /** A machine before its first instruction. */
  public RunStateMachine() {
    this(PRELAUNCH);
  }

  public RunStateMachine(RunState state) {
    this.state = state;
  }

  public RunState state() {
    return state;
  }

  /** Whether one state may follow another; each may follow itself. */
  public static boolean isAllowed(RunState from, RunState to) {
    return from == to || ALLOWED.containsEntry(from, to);
  }

  /** Throws unless the present state may be followed by this one. */
  public void check(RunState to) {
    if (!isAllowed(state, to)) {
      throw new IllegalStateException(
          "invalid runstate transition: '" + state.qapiName() + "' -> '" + to.qapiName() + "'");
    }
  }

  /** Enters a state and returns the one before. */
  public RunState enter(RunState to) {
    check(to);
    RunState from = state;
    state = to;
    LogManager.getLogger(RunStateMachine.class).trace("run state {} -> {}", from, to);
    return from;
  }
}
