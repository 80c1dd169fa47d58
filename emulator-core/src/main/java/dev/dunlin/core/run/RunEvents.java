package dev.dunlin.core.run;

/**
 * What the machine monitor announces (qapi/run-state.json). Called on the loop thread, after the
 * state has changed.
 */
public interface RunEvents {
  /** The guest stands still: STOP. */
  default void stopped() {}

  /** The guest is about to run: RESUME. */
  default void resumed() {}

  /** RESET, with QMP's ShutdownCause: {@code host-qmp-system-reset}. */
  default void reset(boolean byGuest, String reason) {}

  /** SHUTDOWN, with QMP's ShutdownCause: {@code guest-shutdown}. */
  default void shutdown(boolean byGuest, String reason) {}
}
