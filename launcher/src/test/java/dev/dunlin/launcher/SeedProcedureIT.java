package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.ProcFs;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The procedure of the bug report that Dunlin starts from (Red Hat 678524): beside a busy machine,
 * save to a file by exec again and again over the monitor. There, perfect saves were reported as
 * failed.
 */
@RequiresPeer({"nc", "qemu-system-x86_64"})
@NoLeaks
final class SeedProcedureIT {
  private static final String[] MACHINE = {"-M", "pc-0.12", "-m", "16", "-net", "nic"};

  @TempDir Path temp;

  @Test
  void a_hundred_saves_beside_a_busy_machine_all_complete_and_load_back() throws Exception {
    saveAndLoadBack(100);
  }

  @Test
  @Tag("soak")
  void a_thousand_saves_beside_a_busy_machine_all_complete_and_load_back() throws Exception {
    saveAndLoadBack(1000);
  }

  private void saveAndLoadBack(int migrations) throws Exception {
    Path contents = temp.resolve("contents");
    byte[] random = new byte[3 << 20];
    new Random(678524).nextBytes(random);
    Files.write(contents, random);
    Path save = temp.resolve("save");
    Map<String, Path> distinct = new HashMap<>();

    try (BusyMachine busy = BusyMachine.start(4);
        DunlinProcess dunlin = DunlinProcess.startWithMonitors(machine(contents))) {
      // nc doesn't try again; when the machine monitor answers, the one before it listens too.
      dunlin.qmp().close();
      try (ChildProcess nc = netcat(dunlin.monitorSocket());
          HmpClient monitor = nc.hmp()) {
        int descriptorsBefore = 0;
        for (int i = 1; i <= migrations; i++) {
          assertEquals("", monitor.command("migrate \"exec:cat >" + save + "\""), "number " + i);
          String info = monitor.command("info migrate");
          assertTrue(info.contains("Migration status: completed"), "number " + i + ": " + info);
          assertEquals("", monitor.command("cont"), "number " + i);
          keepDistinct(save, distinct);
          if (i == 1) {
            descriptorsBefore = ProcFs.descriptors(dunlin.process().pid()).size();
          }
        }
        assertEquals(List.of(), ProcFs.children(dunlin.process().pid()), "children left");
        assertEquals(
            descriptorsBefore, ProcFs.descriptors(dunlin.process().pid()).size(), "descriptors");
        monitor.send("quit\n");
        assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
      }
    }
    for (Path file : distinct.values()) {
      assertLoadsBack(file, random);
      assertLoadsInQemu(file, random);
    }
  }

  /** Most saves are the same byte for byte; what differs is loaded too. */
  private static void keepDistinct(Path save, Map<String, Path> distinct) throws Exception {
    String hash = Sha256.of(save);
    if (!distinct.containsKey(hash)) {
      Path kept = save.resolveSibling("save-" + distinct.size());
      Files.copy(save, kept);
      distinct.put(hash, kept);
    }
  }

  private void assertLoadsBack(Path file, byte[] expected) throws Exception {
    Path memory = temp.resolve("memory");
    String[] incoming = {"-S", "-incoming", "exec:cat " + file};
    try (DunlinProcess dunlin = DunlinProcess.startWithMonitors(concat(MACHINE, incoming));
        HmpClient monitor = dunlin.hmp()) {
      Await.until(
          "the end of the incoming migration",
          () -> !monitor.command("info status").contains("inmigrate"));
      assertEquals(
          "", monitor.command("pmemsave 0x100000 " + expected.length + " \"" + memory + "\""));
      assertEquals(Sha256.of(expected), Sha256.of(memory));
    }
  }

  /** As README.md says. */
  private static void assertLoadsInQemu(Path file, byte[] expected) {
    String[] machine = {
      "-M",
      "pc-i440fx-1.4",
      "-m",
      "16",
      "-bios",
      "bios.bin",
      "-net",
      "none",
      "-S",
      "-device",
      "VGA,global-vmstate=on,romsize=131072",
      "-incoming",
      "exec:cat " + file
    };
    try (RealQemu qemu = RealQemu.start(machine)) {
      assertEquals("completed", qemu.awaitMigration());
      assertEquals(Sha256.of(expected), qemu.sha256(0x100000, expected.length));
    }
  }

  private static String[] machine(Path contents) {
    return concat(
        MACHINE,
        "-net",
        "user",
        "-device",
        "loader,file=" + contents + ",addr=0x100000,force-raw=on");
  }

  private static ChildProcess netcat(Path socket) {
    return ChildProcess.start("nc", List.of(Peer.path("nc"), "-U", socket.toString()));
  }

  private static String[] concat(String[] first, String... second) {
    String[] all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
