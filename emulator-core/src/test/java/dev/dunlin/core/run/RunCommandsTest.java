package dev.dunlin.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.testing.ManualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunCommandsTest {
  private final List<String> log = new ArrayList<>();
  private final RunEvents events =
      new RunEvents() {
        @Override
        public void stopped() {
          log.add("STOP");
        }

        @Override
        public void resumed() {
          log.add("RESUME");
        }

        @Override
        public void reset(boolean byGuest, String reason) {
          log.add("RESET " + byGuest + " " + reason);
        }

        @Override
        public void shutdown(boolean byGuest, String reason) {
          log.add("SHUTDOWN " + byGuest + " " + reason);
        }
      };
  private final VmRunControl run = new VmRunControl(new ManualLoop(), events);
  private final RunCommands commands = commands(false, false);

  private RunCommands commands(boolean noReboot, boolean noShutdown) {
    return new RunCommands(run, events, noReboot, noShutdown, () -> log.add("quit"));
  }

  @Test
  void stop_and_cont_move_the_guest() throws RunException {
    commands.cont();
    assertEquals(RunState.RUNNING, run.state());
    commands.stop();
    commands.stop();
    assertEquals(RunState.PAUSED, run.state());
    commands.cont();
    assertEquals(List.of("RESUME", "STOP", "RESUME"), log);
  }

  @Test
  void while_a_guest_comes_in_they_decide_about_later() throws RunException {
    run.transition(RunState.INMIGRATE);
    assertTrue(run.autostart());
    commands.stop();
    assertFalse(run.autostart());
    commands.cont();
    assertTrue(run.autostart());
    assertEquals(RunState.INMIGRATE, run.state());
    assertEquals(List.of(), log);
  }

  @Test
  void after_a_migration_the_guest_can_go_on() throws RunException {
    run.transition(RunState.FINISH_MIGRATE);
    assertEquals(
        "Migration is not finalized yet",
        assertThrows(RunException.class, commands::cont).getMessage());
    run.transition(RunState.POSTMIGRATE);
    commands.stop();
    assertEquals(RunState.POSTMIGRATE, run.state());
    commands.cont();
    assertEquals(RunState.RUNNING, run.state());
  }

  @Test
  void after_its_end_a_guest_needs_a_reset_first() throws RunException {
    for (RunState end : List.of(RunState.SHUTDOWN, RunState.INTERNAL_ERROR)) {
      commands.cont();
      run.stop(end);
      assertEquals(
          "Resetting the Virtual Machine is required",
          assertThrows(RunException.class, commands::cont).getMessage());
      commands.systemReset();
      assertEquals(RunState.PRELAUNCH, run.state());
    }
    commands.cont();
    assertEquals(RunState.RUNNING, run.state());
  }

  @Test
  void cont_leaves_a_suspended_guest_asleep() throws RunException {
    commands.cont();
    run.transition(RunState.SUSPENDED);
    commands.cont();
    assertEquals(RunState.SUSPENDED, run.state());
  }

  @Test
  void a_guests_own_end_ends_the_emulator() throws RunException {
    commands.cont();
    commands.guestShutdown();
    assertEquals(List.of("RESUME", "SHUTDOWN true guest-shutdown", "quit"), log);
  }

  @Test
  void with_no_shutdown_it_only_stops_the_guest() throws RunException {
    RunCommands staying = commands(false, true);
    staying.cont();
    staying.guestShutdown();
    assertEquals(List.of("RESUME", "SHUTDOWN true guest-shutdown", "STOP"), log);
    assertEquals(RunState.SHUTDOWN, run.state());
  }

  @Test
  void with_no_reboot_a_reset_is_an_end() {
    commands(true, false).guestReset();
    assertEquals(List.of("SHUTDOWN true guest-reset", "quit"), log);
    log.clear();
    commands(false, false).guestReset();
    assertEquals(List.of("RESET true guest-reset"), log);
  }
}
