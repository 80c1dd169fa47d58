package dev.dunlin.bench.live;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * How one migration ended.
 *
 * @param seconds from the command to the end, as the program itself says, or to the cancel
 * @param rounds {@code dirty-sync-count}
 * @param sent bytes
 * @param downtimeMillis as the sender says; empty when the guest wasn't stopped
 * @param seenMillis from the sender's STOP to the receiver's having all of it, by their events
 * @param expectedMillis the last {@code expected-downtime} while it ran; 0 when it was over too
 *     soon
 * @param dirtied bytes a second, on the average from when the guest began to when it was stopped
 */
record Outcome(
    boolean completed,
    double seconds,
    long rounds,
    long sent,
    OptionalDouble downtimeMillis,
    OptionalDouble seenMillis,
    long expectedMillis,
    double dirtied) {

  /** A number in an answer; 0 when it isn't there. */
  static long number(Map<?, ?> answer, String name) {
    return answer.get(name) instanceof Number number ? number.longValue() : 0;
  }

  static long ofRam(Map<?, ?> answer, String name) {
    return answer.get("ram") instanceof Map<?, ?> ram ? number(ram, name) : 0;
  }
}
