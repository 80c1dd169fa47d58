package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.NoLeaks;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Saves, helpers that die all the while, and {@code java.lang.Process} children, all in one JVM:
 * nobody's status is lost, taken or made up.
 */
@NoLeaks
final class TrueStatusIT {
  @Test
  void thirty_saves_among_dying_children_all_tell_the_truth() throws Exception {
    run(30, Duration.ofMillis(15), 1 << 20);
  }

  @Test
  @Tag("soak")
  void a_thousand_saves_on_a_busy_machine_among_dying_children_all_tell_the_truth()
      throws Exception {
    try (BusyMachine busy = BusyMachine.start(4)) {
      // Ten helpers a second; 16 MiB take an eighth of a second under the default limit.
      run(1000, Duration.ofMillis(100), 16 << 20);
    }
  }

  private static void run(int saves, Duration helperEvery, int ramBytes) throws Exception {
    try (Strangers strangers = Strangers.start()) {
      SavingVm vm = new SavingVm(saves, helperEvery, ramBytes);
      assertEquals(0, vm.emulator().runUntilQuit());
      assertEquals(saves, vm.endedAsExpected(), vm.surprises()::toString);
      assertEquals("[]", vm.surprises().toString());
      assertTrue(vm.helpersCollected() > 0, "helpers died meanwhile");
      assertEquals(vm.helpersStarted(), vm.helpersCollected(), "every helper was collected");
      strangers.assertAllTrue();
      System.out.printf(
          "%d saves, %d helpers, %d strangers%n",
          vm.endedAsExpected(), vm.helpersCollected(), strangers.count());
    }
  }
}
