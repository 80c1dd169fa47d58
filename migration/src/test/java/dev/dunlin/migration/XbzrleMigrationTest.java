package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages that come again are sent as what differs. */
@NoLeaks
class XbzrleMigrationTest {
  private static final int PAGES = 2048;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  /** A cache of all RAM, one that is far too small, and one that changes its size on the way. */
  @ParameterizedTest
  @CsvSource({"8,64M,64M", "8,1M,1M", "4096,64M,64M", "600,16M,32M"})
  void what_arrives_is_what_the_guest_has_when_it_stands_still(
      int bytesWritten, String cache, String cacheLater) throws Exception {
    Path file = directory.resolve("saved");
    byte[] last;
    try (TestVm vm = TestVm.none(PAGES).start().scribble(1)) {
      try (WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), PAGES, bytesWritten)) {
        vm.onLoop(
            () -> {
              vm.run().addCpu(cpu);
              return vm.run().start();
            });
        Await.until("the guest to write", () -> cpu.writes() > 2 * PAGES);
        vm.hmp("migrate_set_capability xbzrle on");
        vm.hmp("migrate_set_parameter xbzrle-cache-size " + cache);
        vm.hmp("migrate_set_parameter downtime-limit 0");
        vm.hmp("migrate_set_parameter max-bandwidth 32M");
        assertEquals("", vm.hmp("migrate -d \"exec:cat >" + file + "\""));
        awaitRounds(vm, 4);
        vm.hmp("migrate_set_parameter xbzrle-cache-size " + cacheLater);
        awaitRounds(vm, 7);
        vm.hmp("migrate_set_parameter max-bandwidth 0");
        vm.hmp("migrate_set_parameter downtime-limit 20000");
        assertEquals("completed", vm.awaitEnd());
        assertTrue(figure(vm, "xbzrle pages") > 0, vm.hmp("info migrate"));
        assertTrue(figure(vm, "xbzrle cache miss") > 0);
        last = vm.bytes("ram");
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
    TestVm.awaitNoChildren();
  }

  @Test
  void without_the_capability_there_are_no_figures_of_it() throws Exception {
    try (TestVm vm = TestVm.none(16).start()) {
      vm.hmp("migrate file:/dev/null");
      assertEquals("", vm.figure("xbzrle pages"));
      vm.running();
      vm.hmp("migrate_set_capability xbzrle on");
      vm.hmp("migrate file:/dev/null");
      assertEquals("completed", vm.statusLine());
      assertTrue(
          vm.hmp("info migrate")
              .endsWith(
                  """
                  cache size: 67108864 bytes
                  xbzrle transferred: 0 kbytes
                  xbzrle pages: 0 pages
                  xbzrle cache miss: 0 pages
                  xbzrle cache miss rate: 0.00
                  xbzrle encoding rate: 0.00
                  xbzrle overflow: 0
                  """));
    }
  }

  private static void awaitRounds(TestVm vm, int count) {
    Await.until(
        "rounds of a migration",
        () -> Integer.parseInt("0" + vm.figure("dirty sync count")) >= count);
  }

  private static long figure(TestVm vm, String name) {
    return Long.parseLong(vm.figure(name).split(" ", -1)[0]);
  }
}
