package dev.dunlin.core.child;

import java.time.Duration;

/**
 * How a child ended, or why that isn't known. No two outcomes share a value: {@link Lost} is never
 * success.
 */
public sealed interface ExitStatus {

  /** True only for {@code Exited(0)}. */
  default boolean isSuccess() {
    return this instanceof Exited exited && exited.code() == 0;
  }

  /** A phrase for messages: {@code exited with status 3}, {@code killed by signal 9 (SIGKILL)}. */
  String describe();

  /** Ended by exit(3) with {@code code} 0–255. */
  record Exited(int code) implements ExitStatus {
    @Override
    public String describe() {
      return "exited with status " + code;
    }
  }

  /** Ended by a signal. */
  record Signalled(int signal, boolean coreDumped) implements ExitStatus {
    @Override
    public String describe() {
      return "killed by signal "
          + signal
          + SignalNames.parenthesised(signal)
          + (coreDumped ? ", core dumped" : "");
    }
  }

  /** There never was a child: posix_spawn(3) failed with this errno. */
  record NotStarted(String program, int errno, String error) implements ExitStatus {
    @Override
    public String describe() {
      return "could not be started: " + program + ": " + error;
    }
  }

  /** Still running when the time its owner gave it was over; the reaper collects it later. */
  record TimedOut(Duration waited) implements ExitStatus {
    @Override
    public String describe() {
      return "still running after " + waited.toMillis() + " ms";
    }
  }

  /**
   * The child ended but somebody else in this process took its status ({@code ECHILD}). An error,
   * always.
   */
  record Lost(String reason) implements ExitStatus {
    @Override
    public String describe() {
      return "exit status lost: " + reason;
    }
  }
}
