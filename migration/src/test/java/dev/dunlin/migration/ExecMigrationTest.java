package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code exec:} says completed when the command got everything and ended well, and never else. */
@NoLeaks
class ExecMigrationTest {
  private static final int SMALL = 4;
  private static final int LARGE = 2048;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @Test
  void a_guest_saved_through_cat_is_there_again_when_it_is_loaded_through_cat() throws Exception {
    Path file = directory.resolve("saved");
    byte[] saved;
    try (TestVm source = TestVm.none(LARGE).start()) {
      source.scribble(1).running();
      assertEquals("", source.hmp("migrate \"exec:cat >" + file + "\""));
      assertEquals("completed", source.statusLine());
      assertEquals(
          LARGE,
          Integer.parseInt(source.figure("duplicate").replaceAll(" pages", ""))
              + Integer.parseInt(source.figure("normal").replaceAll(" pages", "")));
      saved = source.bytes("ram");
    }
    try (TestVm target = TestVm.none(LARGE).option("incoming", "exec:cat " + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertEquals(List.of(), target.complaints);
      assertArrayEquals(saved, target.bytes("ram"));
    }
  }

  @Test
  void memory_without_a_window_is_never_sent_by_reference() throws Exception {
    GuestRam heap =
        new GuestRam(
            List.of(new RamBlock("ram", new HeapRam(LARGE * 4096L), false)), PhysicalMap.EMPTY);
    Path file = directory.resolve("saved");
    byte[] saved;
    try (TestVm source = new TestVm.Builder("none").ram(heap).start().scribble(3)) {
      source.hmp("migrate \"exec:cat >" + file + "\"");
      assertEquals("completed", source.statusLine());
      saved = source.bytes("ram");
    }
    try (TestVm target = TestVm.none(LARGE).option("incoming", "exec:cat " + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertArrayEquals(saved, target.bytes("ram"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cat >/dev/null; exit 3 | Migration command exited with status 3",
        "cat >/dev/null; echo disk full >&2; exit 1"
            + " | Migration command exited with status 1: disk full",
        "cat >/dev/null; kill -9 $$ | Migration command killed by signal 9 (SIGKILL)",
        "true" + " | Unable to write to command: Broken pipe (the command exited with status 0)",
        "false" + " | Unable to write to command: Broken pipe (the command exited with status 1)",
        "head -c 100 >/dev/null"
            + " | Unable to write to command: Broken pipe (the command exited with status 0)",
        "exec <&-; exit 5"
            + " | Unable to write to command: Broken pipe (the command exited with status 5)"
      })
  void a_command_that_ends_badly_or_too_early_fails_the_migration(String command, String why)
      throws Exception {
    for (int pages : new int[] {SMALL, LARGE}) {
      try (TestVm vm = TestVm.none(pages).start().scribble(1).running()) {
        assertEquals("", vm.hmp("migrate \"exec:" + command + "\""));
        assertEquals("failed (" + why + ")", vm.statusLine());
        assertEquals(List.of(why), vm.complaints);
        assertEquals(RunState.RUNNING, vm.state());
      }
    }
  }

  @Test
  void a_missing_command_is_named_by_the_shell_s_own_words() throws Exception {
    try (TestVm vm = TestVm.none(LARGE).start().scribble(1).running()) {
      vm.hmp("migrate exec:/nonexistent/x");
      String line = vm.statusLine();
      assertTrue(line.startsWith("failed (Unable to write to command: Broken pipe"), line);
      assertTrue(line.contains("exited with status 127"), line);
      assertTrue(line.contains("/nonexistent/x"), line);
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  @Test
  void a_paused_guest_stays_paused_after_a_failure() throws Exception {
    try (TestVm vm = TestVm.none(SMALL).start()) {
      vm.hmp("migrate exec:false");
      assertEquals(RunState.PRELAUNCH, vm.state());
      vm.running();
      vm.onLoop(() -> vm.run().stop(RunState.PAUSED));
      vm.hmp("migrate exec:false");
      assertEquals(RunState.PAUSED, vm.state());
    }
  }

  @Test
  void cancel_frees_a_writer_that_is_blocked_and_lets_the_command_live() throws Exception {
    Path pid = directory.resolve("pid");
    Path mark = directory.resolve("mark");
    try (TestVm vm = TestVm.none(LARGE).start().scribble(1).running()) {
      String command =
          "echo $$ >" + pid + "; while [ ! -e " + mark + " ]; do sleep 0.02; done; cat >/dev/null";
      assertEquals("", vm.hmp("migrate -d \"exec:" + command + "\""));
      Await.until("the command to start", () -> Files.exists(pid) && Files.size(pid) > 1);
      Await.until("pages to flow", () -> vm.statusLine().equals("active"));
      assertEquals("Error: There's a migration process in progress\n", vm.hmp("migrate exec:true"));
      assertEquals("", vm.hmp("migrate_cancel"));
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
      long child = Long.parseLong(Files.readString(pid).strip());
      assertTrue(ProcessHandle.of(child).isPresent());
      Files.createFile(mark);
      Await.until("the command to be collected", () -> ProcessHandle.of(child).isEmpty());
    }
  }

  @Test
  void cancel_while_the_command_is_waited_for_sets_the_guest_going_again() throws Exception {
    try (TestVm vm = TestVm.none(SMALL).start().running()) {
      Path mark = directory.resolve("mark");
      vm.hmp(
          "migrate -d \"exec:cat >/dev/null; while [ ! -e " + mark + " ]; do sleep 0.02; done\"");
      Await.until("the guest to be stopped", () -> vm.state() == RunState.FINISH_MIGRATE);
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
      Files.createFile(mark);
      TestVm.awaitNoChildren();
    }
  }

  @Test
  void the_emulator_can_end_in_the_middle() throws Exception {
    Path mark = directory.resolve("mark");
    try (TestVm vm = TestVm.none(LARGE).start().scribble(1).running()) {
      vm.hmp("migrate -d \"exec:while [ ! -e " + mark + " ]; do sleep 0.02; done\"");
      Await.until("the migration to be active", () -> vm.statusLine().equals("active"));
      vm.stopModule();
      Files.createFile(mark);
      TestVm.awaitNoChildren();
    }
  }

  @Test
  void the_prompt_returns_when_it_is_done_and_totals_stand_by_then() throws Exception {
    try (TestVm vm = TestVm.none(SMALL).start().running()) {
      Path mark = directory.resolve("mark");
      TestVm.Pending prompt =
          vm.begin(
              "migrate \"exec:cat >/dev/null; while [ ! -e " + mark + " ]; do sleep 0.02; done\"");
      Await.until("the guest to be stopped", () -> vm.state() == RunState.FINISH_MIGRATE);
      assertEquals("active", vm.statusLine());
      assertFalse(prompt.done().isDone());
      Files.createFile(mark);
      Await.value("prompt", prompt::poll);
      assertEquals("completed", vm.statusLine());
      assertEquals(RunState.POSTMIGRATE, vm.state());
    }
  }

  @Test
  void an_incoming_command_that_fails_is_named_where_qemu_waits_for_ever() throws Exception {
    for (String command : List.of("false", "/nonexistent/x", "true")) {
      try (TestVm vm = TestVm.none(SMALL).option("incoming", "exec:" + command).start()) {
        assertEquals(1, vm.exit.get());
        List<String> said = List.copyOf(vm.complaints);
        assertEquals("The migration stream is empty", said.get(0));
        assertTrue(said.get(1).startsWith("The source command exited with status "), said.get(1));
        assertEquals("load of migration failed: Input/output error", said.get(2));
        assertEquals(RunState.INMIGRATE, vm.state());
      }
    }
  }
}
