package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.run.RunState;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code loadvm}: a machine that is up goes back to what it saved, or stays what it is. */
@NoLeaks
class SnapshotLoadTest {
  private static final String UNDER_WAY = "Error: The machine is being put back by loadvm\n";

  @TempDir Path directory;

  @BeforeAll
  static void warm_up() throws Exception {
    TestVm.warmUp();
  }

  /** A machine that has saved itself, goes on and is another one since. */
  private TestVm changedSince(Path file) throws Exception {
    TestVm vm = TestVm.none(64).start().running().scribble(1);
    assertEquals("", vm.hmp("migrate file:" + file));
    assertEquals("completed", vm.statusLine());
    vm.running();
    return vm.scribble(2);
  }

  @Test
  void a_guest_that_runs_goes_back_and_runs() throws Exception {
    Path file = directory.resolve("saved");
    byte[] then;
    try (TestVm vm = TestVm.none(64).start().running().scribble(1)) {
      then = vm.bytes("ram");
      vm.hmp("migrate file:" + file);
      vm.running();
      for (String uri : List.of("file:" + file, "\"exec:cat " + file + "\"")) {
        vm.scribble(2);
        vm.events.clear();
        assertEquals("", vm.hmp("loadvm " + uri));
        assertArrayEquals(then, vm.bytes("ram"));
        assertEquals(RunState.RUNNING, vm.state());
        assertEquals(List.of("STOP{}", "RESUME{}"), vm.events);
      }
      assertEquals("completed", vm.statusLine(), "that of the save");
      assertEquals("", vm.hmp("migrate file:" + file), "it can save itself again");
    }
  }

  @Test
  void a_guest_that_stands_still_stays_so_whatever_had_become_of_it() throws Exception {
    Path file = directory.resolve("saved");
    try (TestVm vm = changedSince(file)) {
      vm.onLoop(() -> vm.run().stop(RunState.PAUSED));
      assertEquals("", vm.hmp("loadvm file:" + file));
      assertEquals(RunState.PAUSED, vm.state());
      vm.running();
      vm.hmp("migrate \"exec:cat >/dev/null\"");
      assertEquals(RunState.POSTMIGRATE, vm.state());
      assertEquals("", vm.hmp("loadvm file:" + file));
      assertEquals(RunState.PRELAUNCH, vm.state());
      vm.running();
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  @Test
  void a_stream_that_is_refused_changes_nothing_and_the_guest_runs_on() throws Exception {
    Path file = directory.resolve("saved");
    try (TestVm vm = changedSince(file)) {
      byte[] now = vm.bytes("ram");
      Path half = directory.resolve("half");
      byte[] stream = Files.readAllBytes(file);
      Files.write(half, java.util.Arrays.copyOf(stream, stream.length / 2));
      String said = vm.hmp("loadvm file:" + half);
      assertTrue(said.startsWith("Error: "), said);
      assertTrue(said.contains("load of migration failed: "), said);
      assertEquals(
          "Error: The migration stream is empty; load of migration failed: Input/output error\n",
          vm.hmp("loadvm file:" + Files.write(directory.resolve("empty"), new byte[0])));
      assertTrue(vm.hmp("loadvm \"exec:echo gone >&2; false\"").contains("gone"));
      assertTrue(vm.hmp("loadvm file:" + directory.resolve("none")).startsWith("Error: "));
      assertArrayEquals(now, vm.bytes("ram"));
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  @Test
  void another_machine_is_refused() throws Exception {
    Path file = directory.resolve("saved");
    try (TestVm other = TestVm.none(32).start()) {
      other.hmp("migrate file:" + file);
    }
    try (TestVm vm = TestVm.none(64).start()) {
      assertEquals(
          "Error: Size mismatch: ram: 0x20000 != 0x40000: Invalid argument; error while loading"
              + " state for instance 0x0 of device 'ram'; load of migration failed: Invalid"
              + " argument\n",
          vm.hmp("loadvm file:" + file));
      assertEquals(RunState.PRELAUNCH, vm.state());
    }
  }

  @Test
  void only_what_is_there_already_is_read() throws Exception {
    try (TestVm vm = TestVm.none(64).start()) {
      for (String uri : List.of("tcp:127.0.0.1:0", "unix:" + directory.resolve("s"))) {
        assertEquals(
            "Error: loadvm reads what is there already: exec:, fd: or file:\n",
            vm.hmp("loadvm " + uri));
      }
      assertEquals("Error: unknown migration protocol: snap1\n", vm.hmp("loadvm snap1"));
    }
  }

  @Test
  void one_thing_after_the_other() throws Exception {
    Path file = directory.resolve("saved");
    try (TestVm vm = changedSince(file);
        Pipe pipe = Pipe.open()) {
      vm.onLoop(() -> vm.fds().put("in", pipe.readEnd().duplicate().detach()));
      TestVm.Pending load = vm.begin("loadvm fd:in");
      Await.until("the guest to stand still", () -> vm.state() == RunState.RESTORE_VM);
      assertEquals(UNDER_WAY, vm.hmp("loadvm file:" + file));
      assertEquals(UNDER_WAY, vm.hmp("migrate file:" + directory.resolve("no")));
      assertFalse(load.done().isDone());
      pipe.writeEnd().close();
      Await.until("the end", () -> load.done().isDone());
      assertTrue(load.output().toString().startsWith("Error: The migration stream is empty"));
      assertEquals(RunState.RUNNING, vm.state());
      assertEquals("", vm.hmp("loadvm file:" + file));
    }
    try (TestVm waiting = TestVm.none(64).option("incoming", "defer").start()) {
      assertEquals(
          "Error: Guest is waiting for an incoming migration\n",
          waiting.hmp("loadvm file:" + file));
    }
  }

  @Test
  void quit_ends_one_that_waits() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      try (TestVm vm = TestVm.none(64).start().running()) {
        vm.onLoop(() -> vm.fds().put("in", pipe.readEnd().duplicate().detach()));
        vm.begin("loadvm fd:in");
        Await.until("the guest to stand still", () -> vm.state() == RunState.RESTORE_VM);
      }
    }
  }
}
