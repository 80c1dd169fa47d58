package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every pair of states, against a table written down once more. */
class MigrationStatusTest {
  private static final Map<String, Set<String>> NEXT =
      Map.ofEntries(
          Map.entry("none", Set.of("setup")),
          Map.entry("setup", Set.of("active", "wait-unplug", "cancelling", "failed")),
          Map.entry("wait-unplug", Set.of("active", "cancelling", "failed")),
          Map.entry(
              "active",
              Set.of(
                  "pre-switchover",
                  "device",
                  "postcopy-active",
                  "colo",
                  "completed",
                  "cancelling",
                  "failed")),
          Map.entry("pre-switchover", Set.of("device", "cancelling", "failed")),
          Map.entry("device", Set.of("postcopy-active", "completed", "cancelling", "failed")),
          Map.entry("postcopy-active", Set.of("postcopy-paused", "completed", "failed")),
          Map.entry("postcopy-paused", Set.of("postcopy-recover", "failed")),
          Map.entry("postcopy-recover", Set.of("postcopy-active", "postcopy-paused")),
          Map.entry("colo", Set.of("completed", "failed")),
          Map.entry("cancelling", Set.of("cancelled")),
          Map.entry("cancelled", Set.of("setup")),
          Map.entry("failed", Set.of("setup")),
          Map.entry("completed", Set.of("setup")));

  @Test
  void every_pair_of_states_is_allowed_or_not_as_the_table_says() {
    for (MigrationStatus from : MigrationStatus.values()) {
      for (MigrationStatus to : MigrationStatus.values()) {
        assertEquals(
            NEXT.getOrDefault(from.qapiName(), Set.of()).contains(to.qapiName()),
            from.next().contains(to),
            from + " -> " + to);
      }
    }
  }

  @Test
  void a_new_migration_can_begin_exactly_when_none_is_under_way() {
    for (MigrationStatus status : MigrationStatus.values()) {
      assertEquals(
          !status.isUnderWay(), status.next().contains(MigrationStatus.SETUP), "" + status);
    }
  }
}
