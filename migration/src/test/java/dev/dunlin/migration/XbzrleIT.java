package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real QEMU loads differences between pages that Dunlin sends. */
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

  private static long number(TestVm vm, String figure) {
    String text = vm.figure(figure).split(" ", -1)[0];
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  private static void capability(RealQemu qemu, String name) {
    qemu.qmp()
        .execute(
            "migrate-set-capabilities",
            Map.of("capabilities", List.of(Map.of("capability", name, "state", true))));
  }
}
