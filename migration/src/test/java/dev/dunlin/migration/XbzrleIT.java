package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.ram.GuestRam;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.DirtyGuest;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Differences between pages: a real QEMU loads Dunlin's, a relay loads a real QEMU's. */
@RequiresPeer("qemu-system-x86_64")
class XbzrleIT {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @Test
  void qemu_loads_what_dunlin_sends() throws Exception {
    int pages = (int) (4 * MIB / 4096);
    try (TestVm vm = TestVm.none(pages).start().scribble(1);
        RealQemu target = RealQemu.start("-M", "none", "-m", "4M", "-S", "-incoming", "defer");
        WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), pages, 24)) {
      capability(target, "xbzrle");
      Path socket = directory.resolve("socket");
      target.qmp().execute("migrate-incoming", Map.of("uri", "unix:" + socket));
      vm.onLoop(
          () -> {
            vm.run().addCpu(cpu);
            return vm.run().start();
          });
      vm.hmp("migrate_set_capability xbzrle on");
      vm.hmp("migrate_set_parameter downtime-limit 0");
      vm.hmp("migrate_set_parameter max-bandwidth 32M");
      vm.hmp("migrate -d unix:" + socket);
      Await.until("differences to be sent", () -> number(vm, "xbzrle pages") > 2000);
      vm.hmp("migrate_set_parameter max-bandwidth 0");
      vm.hmp("migrate_set_parameter downtime-limit 20000");
      assertEquals("completed", vm.awaitEnd());
      assertEquals("completed", target.awaitMigration());
      assertEquals(vm.sha256("ram", 0, 4 * MIB), target.sha256(0, 4 * MIB));
      vm.onLoop(
          () -> {
            vm.run().removeCpu(cpu);
            return true;
          });
    }
  }

  /** One byte of each page of a range changes from round to round. */
  @Test
  void a_relay_loads_what_qemu_sends_and_the_next_qemu_has_it() throws Exception {
    Path guest = DirtyGuest.write(directory, MIB, 5 * MIB, 0);
    String[] machine = {"-nodefaults", "-M", "pc", "-m", "16M", "-kernel", guest.toString()};
    Path in = directory.resolve("in");
    Path out = directory.resolve("out");
    try (RealQemu source = RealQemu.start(machine);
        TestVm relay =
            new TestVm.Builder("relay")
                .ram(GuestRam.awaited(1 << 30))
                .option("incoming", "unix:" + in)
                .start()) {
      Await.until("the guest to write", () -> written(source) > 2048);
      capability(source, "xbzrle");
      source.qmp().human("migrate_set_parameter downtime-limit 1");
      source.qmp().human("migrate_set_parameter max-bandwidth 4M");
      source.qmp().execute("migrate", Map.of("uri", "unix:" + in));
      // A page is more than 4 MB/s carry in a millisecond. On a busy machine the guest may not
      // write
      // at all between two of QEMU's looks: then it ends, after many differences all the same.
      Await.until(
          "differences from QEMU",
          () -> {
            String info = source.qmp().human("info migrate");
            assertFalse(info.contains("status: failed"), () -> info + relay.complaints);
            return number(info, "xbzrle pages: ") > 3000 || info.contains("status: completed");
          });
      source.qmp().human("migrate_set_parameter max-bandwidth 1G");
      source.qmp().human("migrate_set_parameter downtime-limit 20000");
      assertEquals("completed", source.awaitMigration());
      assertEquals("completed", relay.awaitEnd(), relay.complaints.toString());
      String sent = source.qmp().human("info migrate");
      assertTrue(number(sent, "xbzrle pages: ") > 1000, sent);
      String memory = source.sha256(MIB, 15 * MIB);
      assertEquals(memory, relay.sha256("pc.ram", MIB, 15 * MIB));
      assertEquals(source.sha256(0, 640 << 10), relay.sha256("pc.ram", 0, 640 << 10));
      relay.hmp("migrate file:" + out);
      assertEquals("completed", relay.statusLine());
      try (RealQemu next = RealQemu.start(awaiting(machine, out))) {
        assertEquals("completed", next.awaitMigration());
        assertEquals(memory, next.sha256(MIB, 15 * MIB));
      }
    }
  }

  /** Pages that it has written; nothing while its firmware is still at work. */
  private static long written(RealQemu qemu) {
    String answer = qemu.qmp().human("xp /1wx 0x%x".formatted(DirtyGuest.WRITTEN));
    return Long.parseLong(answer.strip().replaceFirst(".*: 0x", ""), 16);
  }

  /** The machine again, which stands still at first. */
  private static String[] awaiting(String[] machine, Path file) {
    List<String> all = new ArrayList<>(List.of(machine));
    all.addAll(List.of("-S", "-incoming", "exec:cat " + file));
    return all.toArray(String[]::new);
  }

  /** The number behind a name of {@code info migrate}; 0 when it isn't there. */
  private static long number(String info, String name) {
    int at = info.indexOf(name);
    return at < 0 ? 0 : Long.parseLong(info.substring(at + name.length()).split("\\D", 2)[0]);
  }

  private static long number(TestVm vm, String figure) {
    return number(vm.hmp("info migrate"), figure + ": ");
  }

  private static void capability(RealQemu qemu, String name) {
    qemu.qmp()
        .execute(
            "migrate-set-capabilities",
            Map.of("capabilities", List.of(Map.of("capability", name, "state", true))));
  }
}
