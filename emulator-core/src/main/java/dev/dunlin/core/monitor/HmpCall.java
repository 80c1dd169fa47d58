package dev.dunlin.core.monitor;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One invocation of a human command: parsed arguments, where output goes, and when it is over. Loop
 * thread.
 */
public interface HmpCall {

  Optional<String> string(String key);

  /** An integer argument (types i, l; M and o in bytes; T in nanoseconds). */
  Optional<Long> integer(String key);

  /** A bare flag ({@code -d}) or a boolean. */
  boolean flag(String key);

  /** Writes text as is; {@code \n} becomes what the device wants. */
  void print(String text);

  /**
   * Holds the prompt until {@link Suspension#resume}: for a command that ends later. The session
   * reads no further command meanwhile; a client that goes away cancels nothing.
   */
  Suspension suspend();

  /** Lines typed at this session before, oldest first; none where nobody types. */
  default ImmutableList<String> history() {
    return ImmutableList.of();
  }

  /** The next descriptor received with this session's input by SCM_RIGHTS, owned by the caller. */
  OptionalInt takeReceivedFd();

  /** A command that is still going on. */
  interface Suspension {
    void print(String text);

    /** Runs when the user's device goes away before the end. */
    void onDisconnect(Runnable action);

    /**
     * Runs {@code action} later on the loop, when the user's device takes more output: a command
     * with much to say goes on in pieces, and a user who doesn't read costs no memory.
     */
    void whenWritable(Runnable action);

    /** Whether the command came from a session whose device is still there. */
    boolean isInteractive();

    /** Whether that device is a terminal of this process, where progress can be shown in place. */
    default boolean isTerminal() {
      return false;
    }

    void resume();
  }
}
