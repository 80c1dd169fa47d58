package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages on several connections, from one machine to another. */
@NoLeaks
class MultifdMigrationTest {
  private static final int PAGES = 4096;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @ParameterizedTest
  @CsvSource({
    "unix, 1, none",
    "unix, 5, zlib",
    "tcp, 2, none",
    "tcp, 3, zstd",
  })
  void what_arrives_is_what_the_guest_has_when_it_stands_still(
      String transport, int channels, String compression) throws Exception {
    try (TestVm target =
            multifd(TestVm.none(PAGES).option("incoming", "defer").start(), channels, compression);
        TestVm source = multifd(TestVm.none(PAGES).start().scribble(1), channels, compression);
        WriterCpu cpu = new WriterCpu(source.ram().blocks().get(0), PAGES / 2)) {
      source.onLoop(
          () -> {
            source.run().addCpu(cpu);
            return source.run().start();
          });
      Await.until("the guest to write", () -> cpu.writes() > PAGES);
      source.hmp("migrate_set_parameter downtime-limit 20000");
      assertEquals("", source.hmp("migrate " + listen(target, transport)));
      assertEquals("completed", source.statusLine());
      assertEquals("completed", target.awaitEnd());
      assertEquals(List.of(), target.complaints);
      assertArrayEquals(source.bytes("ram"), target.bytes("ram"));
      assertTrue(number(source, "dirty sync count") >= 2);
      assertTrue(number(source, "multifd bytes") > 0);
      assertTrue(
          number(source, "transferred ram") >= number(source, "multifd bytes"),
          source.hmp("info migrate"));
      source.onLoop(
          () -> {
            source.run().removeCpu(cpu);
            return true;
          });
    }
  }

  @Test
  void memory_without_a_window_goes_too() throws Exception {
    GuestRam heap =
        new GuestRam(
            List.of(new RamBlock("ram", new HeapRam(PAGES * 4096L), false)), PhysicalMap.EMPTY);
    try (TestVm target =
            multifd(TestVm.none(PAGES).option("incoming", "defer").start(), 2, "none");
        TestVm source =
            multifd(new TestVm.Builder("none").ram(heap).start().scribble(1), 2, "none")) {
      source.hmp("migrate " + listen(target, "unix"));
      assertEquals("completed", source.statusLine());
      assertEquals("completed", target.awaitEnd());
      assertArrayEquals(source.bytes("ram"), target.bytes("ram"));
    }
  }

  @Test
  void the_rate_limit_is_kept_over_all_connections_and_cancel_ends_them() throws Exception {
    try (TestVm target =
            multifd(TestVm.none(PAGES).option("incoming", "defer").start(), 3, "none");
        TestVm source = multifd(TestVm.none(PAGES).start().scribble(1), 3, "none")) {
      source.running().hmp("migrate_set_parameter max-bandwidth 4k");
      source.hmp("migrate -d " + listen(target, "unix"));
      Await.until("pages to flow", () -> number(source, "multifd bytes") > 0);
      source.hmp("migrate_cancel");
      assertEquals("cancelled", source.awaitEnd());
      assertEquals(RunState.RUNNING, source.state());
      Await.until("the target to notice", () -> target.statusLine().startsWith("failed"));
      assertEquals(RunState.INMIGRATE, target.state());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exec:cat >/dev/null | multifd is not supported by current protocol",
        "file:/dev/null | multifd is not supported by current protocol",
      })
  void one_connection_is_not_enough(String uri, String why) throws Exception {
    try (TestVm vm = multifd(TestVm.none(4).start().scribble(1), 2, "none")) {
      vm.running().hmp("migrate \"" + uri + "\"");
      assertEquals("failed (" + why + ")", vm.statusLine());
      assertEquals(RunState.RUNNING, vm.state());
    }
    TestVm.awaitNoChildren();
  }

  private String listen(TestVm target, String transport) {
    String uri = transport.equals("unix") ? "unix:" + directory.resolve("in") : "tcp:127.0.0.1:0";
    assertEquals("", target.hmp("migrate_incoming " + uri));
    String shown = target.hmp("info migrate");
    return transport.equals("unix")
        ? uri
        : shown.substring(shown.indexOf("tcp:"), shown.indexOf("\n]"));
  }

  static TestVm multifd(TestVm vm, int channels, String compression) {
    assertEquals("", vm.hmp("migrate_set_capability multifd on"));
    assertEquals("", vm.hmp("migrate_set_parameter multifd-channels " + channels));
    assertEquals("", vm.hmp("migrate_set_parameter multifd-compression " + compression));
    return vm;
  }

  /** The number that a figure of {@code info migrate} begins with; 0 when it isn't shown. */
  private static long number(TestVm vm, String name) {
    return Optional.of(vm.figure(name))
        .filter(figure -> !figure.isEmpty())
        .map(figure -> Long.parseLong(figure.split(" ", -1)[0]))
        .orElse(0L);
  }
}
