package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class OutgoingMigrationTest {
  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @Test
  void a_guest_saved_to_a_file_is_there_again_when_it_is_loaded() throws Exception {
    Path file = directory.resolve("saved");
    byte[] saved;
    try (TestVm source = TestVm.none(512).start().scribble(1).running()) {
      assertEquals("", source.hmp("migrate file:" + file));
      assertEquals("completed", source.statusLine());
      assertEquals(RunState.POSTMIGRATE, source.state());
      saved = source.bytes("ram");
    }
    try (TestVm target = TestVm.none(512).option("incoming", "file:" + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertEquals(List.of(), target.complaints);
      assertEquals(RunState.RUNNING, target.state());
      assertArrayEquals(saved, target.bytes("ram"));
    }
  }

  @Test
  void events_come_in_the_order_in_which_qemu_sends_them() throws Exception {
    try (TestVm vm = TestVm.none(64).start().scribble(1).running()) {
      assertEquals("", vm.hmp("migrate_set_capability events on"));
      vm.events.clear();
      vm.hmp("migrate file:" + directory.resolve("f"));
      assertEquals(
          List.of(
              "MIGRATION{status=setup}",
              "MIGRATION_PASS{pass=1}",
              "MIGRATION{status=active}",
              "STOP{}",
              "MIGRATION_PASS{pass=2}",
              "MIGRATION{status=completed}"),
          vm.events);
    }
  }

  @Test
  void a_second_migration_after_success_needs_cont_first() throws Exception {
    try (TestVm vm = TestVm.none(64).start().running()) {
      vm.hmp("migrate file:" + directory.resolve("f"));
      assertEquals(
          "Error: Can't migrate the vm that was paused due to previous migration\n",
          vm.hmp("migrate file:" + directory.resolve("g")));
      vm.running();
      assertEquals("", vm.hmp("migrate file:" + directory.resolve("g")));
      assertEquals(-1, Files.mismatch(directory.resolve("f"), directory.resolve("g")));
    }
  }

  @Test
  void a_paused_guest_stays_paused_where_it_is_loaded() throws Exception {
    Path file = directory.resolve("f");
    try (TestVm vm = TestVm.none(64).start().running()) {
      vm.onLoop(() -> vm.run().stop(RunState.PAUSED));
      vm.hmp("migrate file:" + file);
      assertEquals(RunState.POSTMIGRATE, vm.state());
    }
    try (TestVm target = TestVm.none(64).option("incoming", "file:" + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertEquals(RunState.PAUSED, target.state());
    }
  }

  @Test
  void a_failure_leaves_the_guest_as_it_was_and_says_why() throws Exception {
    try (TestVm vm = TestVm.none(64).start().running()) {
      assertEquals("", vm.hmp("migrate unix:" + directory.resolve("none")));
      String why =
          "Failed to connect to '" + directory.resolve("none") + "': No such file or directory";
      assertEquals("failed (" + why + ")", vm.statusLine());
      assertEquals(List.of(why), vm.complaints);
      assertEquals(RunState.RUNNING, vm.state());
      assertEquals("", vm.hmp("migrate tcp:127.0.0.1:1"));
      assertEquals(
          "failed (Failed to connect to '127.0.0.1:1': Connection refused)", vm.statusLine());
    }
  }

  @Test
  void figures_add_up_when_it_is_over() throws Exception {
    try (TestVm vm = TestVm.none(256).start().scribble(3).running()) {
      vm.hmp("migrate file:" + directory.resolve("f"));
      int zero = Integer.parseInt(vm.figure("duplicate").split(" ", -1)[0]);
      int normal = Integer.parseInt(vm.figure("normal").split(" ", -1)[0]);
      assertEquals(256, zero + normal);
      assertEquals("0 kbytes", vm.figure("remaining ram"));
      assertEquals("1024 kbytes", vm.figure("total ram"));
      assertEquals("2", vm.figure("dirty sync count"));
      assertEquals(normal * 4 + " kbytes", vm.figure("normal bytes"));
      assertTrue(vm.figure("throughput").endsWith(" mbps"));
    }
  }
}
