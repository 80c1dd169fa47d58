package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.ram.DirtyLog;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest that writes its memory all the while. */
@NoLeaks
class LiveMigrationTest {
  private static final int PAGES = 8192;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @Test
  void what_arrives_is_what_the_guest_has_when_it_stands_still() throws Exception {
    Path file = directory.resolve("saved");
    byte[] last;
    try (TestVm vm = TestVm.none(PAGES).start().scribble(1)) {
      try (WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), PAGES)) {
        vm.onLoop(
            () -> {
              vm.run().addCpu(cpu);
              return vm.run().start();
            });
        Await.until("the guest to write", () -> cpu.writes() > PAGES);
        vm.hmp("migrate_set_parameter downtime-limit 2000");
        assertEquals("", vm.hmp("migrate \"exec:cat >" + file + "\""));
        assertEquals("completed", vm.statusLine());
        assertEquals(RunState.POSTMIGRATE, vm.state());
        long then = cpu.writes();
        last = vm.bytes("ram");
        assertEquals(then, cpu.writes());
        assertTrue(Integer.parseInt(vm.figure("dirty sync count")) >= 2);
        vm.onLoop(() -> vm.run().start());
        Await.until("the guest to go on", () -> cpu.writes() > then);
        vm.onLoop(
            () -> {
              vm.run().removeCpu(cpu);
              return true;
            });
      }
    }
    try (TestVm target = TestVm.none(PAGES).option("incoming", "file:" + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertArrayEquals(last, target.bytes("ram"));
    }
  }

  @Test
  void a_guest_too_busy_to_converge_can_be_cancelled_and_runs_on() throws Exception {
    try (TestVm vm = TestVm.none(PAGES).start().scribble(1)) {
      try (WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), PAGES)) {
        vm.onLoop(
            () -> {
              vm.run().addCpu(cpu);
              return vm.run().start();
            });
        vm.hmp("migrate_set_parameter downtime-limit 0");
        vm.hmp("migrate_set_parameter max-bandwidth 16M");
        vm.hmp("migrate -d \"exec:cat >/dev/null\"");
        Await.until("some passes", () -> Integer.parseInt("0" + vm.figure("dirty sync count")) > 1);
        vm.hmp("migrate_cancel");
        assertEquals("cancelled", vm.awaitEnd());
        assertEquals(RunState.RUNNING, vm.state());
        long then = cpu.writes();
        Await.until("the guest to go on", () -> cpu.writes() > then);
        vm.onLoop(
            () -> {
              vm.run().removeCpu(cpu);
              return true;
            });
      }
      TestVm.awaitNoChildren();
    }
  }

  @Test
  void a_guest_too_busy_to_converge_is_done_when_a_longer_downtime_is_allowed() throws Exception {
    try (TestVm vm = TestVm.none(PAGES).start().scribble(1);
        WriterCpu cpu = busy(vm)) {
      vm.hmp("migrate_set_parameter downtime-limit 0");
      vm.hmp("migrate_set_parameter max-bandwidth 64M");
      vm.hmp("migrate -d \"exec:cat >/dev/null\"");
      Await.until("some passes", () -> number(vm, "dirty sync count") > 2);
      assertEquals("active", vm.statusLine());
      assertTrue(number(vm, "dirty pages rate") > 0);
      assertTrue(number(vm, "expected downtime") > 0);
      vm.hmp("migrate_set_parameter downtime-limit 600000");
      assertEquals("completed", vm.awaitEnd());
      assertTrue(number(vm, "downtime ram") > 0);
      takeAway(vm, cpu);
    }
    TestVm.awaitNoChildren();
  }

  @Test
  void a_guest_too_busy_to_converge_is_slowed_down_until_it_does() throws Exception {
    try (TestVm vm = TestVm.none(PAGES).start().scribble(1);
        WriterCpu cpu = busy(vm)) {
      vm.hmp("migrate_set_capability auto-converge on");
      vm.hmp("migrate_set_parameter cpu-throttle-initial 99");
      vm.hmp("migrate_set_parameter downtime-limit 0");
      vm.hmp("migrate_set_parameter max-bandwidth 64M");
      vm.hmp("migrate -d \"exec:cat >/dev/null\"");
      Await.until("the throttle", () -> number(vm, "cpu throttle percentage") == 99);
      // Too short for all of RAM, which is what a guest at full speed dirties.
      vm.hmp("migrate_set_parameter downtime-limit 400");
      assertEquals("completed", vm.awaitEnd());
      assertEquals("", vm.figure("cpu throttle percentage"));
      assertEquals(0, vm.run().throttlePercent());
      takeAway(vm, cpu);
    }
    TestVm.awaitNoChildren();
  }

  @Test
  void a_guest_that_was_slowed_down_is_fast_again_after_a_cancel() throws Exception {
    try (TestVm vm = TestVm.none(PAGES).start().scribble(1);
        WriterCpu cpu = busy(vm)) {
      vm.hmp("migrate_set_capability auto-converge on");
      vm.hmp("migrate_set_parameter downtime-limit 0");
      vm.hmp("migrate_set_parameter max-bandwidth 64M");
      vm.hmp("migrate -d \"exec:cat >/dev/null\"");
      Await.until("the throttle", () -> number(vm, "cpu throttle percentage") == 20);
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(0, vm.run().throttlePercent());
      assertEquals(RunState.RUNNING, vm.state());
      takeAway(vm, cpu);
    }
    TestVm.awaitNoChildren();
  }

  /**
   * The command takes 3 MB/s at most, so within the 300 ms that are allowed a MB can follow the
   * stop. What fits into its pipe says nothing about that.
   */
  @Test
  void a_reader_that_is_slow_does_not_make_the_downtime_long() throws Exception {
    try (TestVm vm = TestVm.none(1024).start();
        WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), 1)) {
      byte[] some = new byte[1024 * 4096];
      new java.util.Random(1).nextBytes(some);
      vm.ram().blocks().get(0).write(0, java.nio.ByteBuffer.wrap(some));
      addCpu(vm, cpu);
      vm.hmp("migrate_set_parameter max-bandwidth 0");
      vm.hmp("migrate \"exec:while [ $(head -c 65536 | wc -c) -gt 0 ]; do sleep 0.02; done\"");
      assertEquals("completed", vm.statusLine());
      assertTrue(number(vm, "downtime ram") <= 1000, vm.hmp("info migrate"));
      takeAway(vm, cpu);
    }
    TestVm.awaitNoChildren();
  }

  private static WriterCpu busy(TestVm vm) {
    WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), PAGES);
    addCpu(vm, cpu);
    Await.until("the guest to write", () -> cpu.writes() > PAGES);
    return cpu;
  }

  private static void addCpu(TestVm vm, WriterCpu cpu) {
    vm.onLoop(
        () -> {
          vm.run().addCpu(cpu);
          return vm.run().start();
        });
  }

  /** Seen to go on, when the machine runs, and taken out of it. */
  private static void takeAway(TestVm vm, WriterCpu cpu) {
    if (vm.state() == RunState.RUNNING) {
      long then = cpu.writes();
      Await.until("the guest to go on", () -> cpu.writes() > then);
    }
    vm.onLoop(
        () -> {
          vm.run().removeCpu(cpu);
          return true;
        });
  }

  /** The number that a figure of {@code info migrate} begins with; 0 when it isn't shown. */
  private static long number(TestVm vm, String name) {
    String figure = vm.figure(name);
    return figure.isEmpty() ? 0 : Long.parseLong(figure.split(" ", -1)[0]);
  }

  @Test
  void a_machine_without_a_dirty_log_is_saved_only_while_it_stands_still() throws Exception {
    GuestRam unlogged =
        new GuestRam(
            List.of(new RamBlock("ram", new HeapRam(64 * 4096), false)),
            PhysicalMap.EMPTY,
            new NoLog());
    try (TestVm vm = new TestVm.Builder("none").ram(unlogged).start().scribble(1).running()) {
      assertEquals(
          "Error: This machine keeps no log of the pages it writes: stop the guest before the"
              + " migration\n",
          vm.hmp("migrate file:" + directory.resolve("f")));
      vm.onLoop(() -> vm.run().stop(RunState.PAUSED));
      vm.hmp("migrate file:" + directory.resolve("f"));
      assertEquals("completed", vm.statusLine());
    }
  }

  private static final class NoLog implements DirtyLog {
    @Override
    public boolean isSupported() {
      return false;
    }

    @Override
    public void start() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void stop() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void harvest(Sink sink) {
      throw new UnsupportedOperationException();
    }
  }
}
