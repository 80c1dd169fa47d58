package dev.dunlin.core.child;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * A child as {@code info children} shows it. Immutable.
 *
 * @param id counts children of this emulator from 1; PIDs come back, ids don't
 * @param pid 0 for one that was never started
 * @param status how it ended, empty while it runs
 */
public record ChildRecord(
    long id,
    int pid,
    String owner,
    ImmutableList<String> argv,
    Waiter waiter,
    long startMicros,
    long endMicros,
    Optional<ExitStatus> status) {

  /** Who collects its status. There is one at any time. */
  public enum Waiter {
    /** The reaper, for a helper. */
    REAPER("reaper"),
    /** The stream that started it. */
    OWNER("owner"),
    /** The reaper, after the stream gave up waiting. */
    ADOPTED("adopted");

    private final String word;

    Waiter(String word) {
      this.word = word;
    }

    /** As both monitors spell it. */
    public String word() {
      return word;
    }
  }

  /** Microseconds since the Unix epoch are recorded for both ends of a life. */
  ChildRecord ended(ExitStatus how, long micros) {
    return new ChildRecord(id, pid, owner, argv, waiter, startMicros, micros, Optional.of(how));
  }

  ChildRecord adopted() {
    return new ChildRecord(id, pid, owner, argv, Waiter.ADOPTED, startMicros, endMicros, status);
  }
}
