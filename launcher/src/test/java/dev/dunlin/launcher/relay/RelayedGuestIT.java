package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.GuestImage;
import dev.dunlin.testing.GuestVm;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Transcript;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A Linux that runs in one QEMU is held by Dunlin for a while and runs on in another QEMU: it
 * counts on without a gap, and its memory, files, uptime and network are as they were.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class RelayedGuestIT {
  /** As {@link GuestVm} has it. */
  private static final long RAM = 384 << 20;

  @TempDir Path temp;

  @BeforeAll
  static void guest_can_be_made() {
    GuestImage.require();
  }

  @Test
  void a_running_pc_goes_on_where_it_was() throws Exception {
    relay("pc", Route.TCP, Route.UNIX, true);
  }

  @Test
  void a_paused_q35_stays_paused_and_then_goes_on() throws Exception {
    relay("q35", Route.EXEC, Route.TCP, false);
  }

  @ParameterizedTest
  @CsvSource({
    "pc,EXEC,EXEC,true",
    "pc,UNIX,TCP,false",
    "pc,FILE,EXEC,true",
    "q35,TCP,FILE,true",
    "q35,UNIX,UNIX,true",
    "q35,FILE,FILE,false"
  })
  @Tag("soak")
  void every_route_leads_on(String machine, Route in, Route out, boolean running) throws Exception {
    relay(machine, in, out, running);
  }

  private void relay(String machine, Route in, Route out, boolean running) throws Exception {
    List<String> arguments =
        List.of(
            "-M", machine, "-netdev", "user,id=n", "-device", "virtio-net-pci,netdev=n,romfile=");
    try (DunlinProcess dunlin =
            DunlinProcess.startWithMonitors("-M", "relay", "-m", "1G", "-incoming", "defer");
        HmpClient hmp = dunlin.hmp()) {
      Transcript console;
      RelayedGuest before;
      try (GuestVm source = GuestVm.boot(arguments);
          QmpClient qmp = source.qmp()) {
        console = source.process().stdout();
        before = RelayedGuest.begin(source);
        if (!running) {
          qmp.execute("stop");
        }
        in.in(qmp, hmp, temp.resolve("in"));
        inspect(hmp, qmp);
      }
      try (GuestVm next = GuestVm.awaiting("defer", arguments);
          QmpClient qmp = next.qmp()) {
        out.out(hmp, qmp, temp.resolve("out"));
        assertEquals(running ? "running" : "paused", qmp.query("query-status").get("status"));
        if (!running) {
          qmp.execute("cont");
        }
        before.check(next);
        RelayedGuest.awaitNumber(next, 5);
        RelayedGuest.checkCount(console.text() + next.process().stdout().text());
      }
      hmp.send("quit\n");
    }
  }

  /** What Dunlin shows of the guest is what the QEMU that it came from shows. */
  private void inspect(HmpClient dunlin, QmpClient source) throws Exception {
    assertEquals("VM status: paused\n", dunlin.command("info status"));
    assertTrue(
        dunlin
            .command("info ramblock")
            .contains("pc.ram    4 KiB  0x0000000000000000 0x0000000018000000"));
    assertTrue(dunlin.command("cont").startsWith("Error: A relay can't run the guest"));
    Path here = temp.resolve("memory-here");
    Path there = temp.resolve("memory-there");
    assertEquals("", dunlin.command("pmemsave 0 " + RAM + " \"" + here + "\""));
    source.execute("pmemsave", Map.of("val", 0, "size", RAM, "filename", there.toString()));
    assertEquals(-1, Files.mismatch(here, there));
    String words = dunlin.command("xp /2xw 0xf0000");
    Object theirs =
        source.execute("human-monitor-command", Map.of("command-line", "xp /2xw 0xf0000"));
    assertEquals(String.valueOf(theirs).replace("\r", ""), words);
    Files.delete(here);
    Files.delete(there);
  }
}
