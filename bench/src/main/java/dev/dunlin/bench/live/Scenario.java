package dev.dunlin.bench.live;

import dev.dunlin.bench.Contender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of the table.
 *
 * @param rate bytes that the guest dirties in a second
 * @param cap {@code max-bandwidth}
 * @param patience when it isn't done by then, it is said not to converge and cancelled
 */
record Scenario(long rate, long cap, boolean autoConverge, Duration patience) {
  /** The default of both programs. */
  private static final long CAP = 128L << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A guest is slowed down step by step, each taking two rounds. */
  private static final Duration LONGER = Duration.ofSeconds(90);

  static List<Scenario> of(long rate) {
    List<Scenario> all = new ArrayList<>();
    all.add(new Scenario(rate, CAP, false, PATIENCE));
    all.add(new Scenario(rate, Contender.UNLIMITED, false, PATIENCE));
    if (rate > CAP) {
      all.add(new Scenario(rate, CAP, true, LONGER));
    }
    return all;
  }

  String label() {
    String limit = cap == CAP ? "128 MiB/s" : "none";
    return "%d MB/s, cap %s%s"
        .formatted(rate / 1_000_000, limit, autoConverge ? ", auto-converge" : "");
  }
}
