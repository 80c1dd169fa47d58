package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.DirtyGuest;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole programs, every transport, both machines of today, guests that stand still and guests that
 * write all the while: Dunlin's own machine into a real QEMU, and a real QEMU's through a relay
 * into the next.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class EveryTransportIT {
  private static final long MIB = 1 << 20;
  private static final long BIOS = 256 << 10;
  private static final long BIOS_AT = (1L << 32) - BIOS;

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"pc,false", "pc,true", "q35,false", "q35,true"})
  void what_dunlins_own_machine_has_arrives_in_qemu(String machine, boolean running)
      throws Exception {
    Path random = temp.resolve("random");
    byte[] bytes = new byte[(int) (6 * MIB)];
    new Random(35).nextBytes(bytes);
    Files.write(random, bytes);
    try (Stop dunlin =
        Stop.dunlin(
            "-M",
            machine,
            "-m",
            "16",
            "-device",
            "ram-writer,start=1M,end=9M,rate=40M",
            "-device",
            "loader,file=" + random + ",addr=0xa00000,force-raw=on")) {
      for (Transport transport : Transport.values()) {
        if (!running) {
          dunlin.does("stop");
        }
        try (Stop qemu = qemu(machine, running, "-vga", "none", "-device", VGA)) {
          transport.carry(dunlin, qemu, temp.resolve("stream"));
          assertEquals("paused (postmigrate)", dunlin.status());
          assertEquals("paused", qemu.status());
          assertEquals(memory(dunlin), memory(qemu), transport.name());
          assertEquals(dunlin.sha256(BIOS_AT, BIOS), qemu.sha256(BIOS_AT, BIOS), transport.name());
        }
        dunlin.does("cont");
      }
    }
  }

  private static final String VGA = "VGA,global-vmstate=on,vgamem_mb=16";

  @ParameterizedTest
  @CsvSource({"pc,false", "pc,true", "q35,false", "q35,true"})
  void what_a_qemu_has_arrives_by_a_relay_in_the_next(String machine, boolean running)
      throws Exception {
    Path guest = DirtyGuest.write(temp, MIB, 9 * MIB, 40 * MIB);
    try (Stop source =
        Stop.qemu("-nodefaults", "-M", machine, "-m", "16M", "-kernel", guest.toString())) {
      awaitWrites(source, 2048);
      for (Transport transport : Transport.values()) {
        if (!running) {
          source.does("stop");
        }
        try (Stop relay = Stop.dunlin("-M", "relay", "-incoming", "defer");
            Stop next = qemu(machine, running, "-kernel", guest.toString())) {
          transport.carry(source, relay, temp.resolve("stream"));
          assertEquals("paused (postmigrate)", source.status());
          assertEquals("paused", relay.status());
          String memory = memory(source);
          assertEquals(memory, memory(relay), transport.name());
          transport.carry(relay, next, temp.resolve("stream"));
          assertEquals("paused", next.status());
          assertEquals(memory, memory(next), transport.name());
          long written = next.word(DirtyGuest.WRITTEN);
          assertTrue(written >= 2048, "" + written);
          next.does("cont");
          awaitWrites(next, written + 512);
        }
        source.does("cont");
      }
    }
  }

  /** A target; {@code -S} keeps a guest that ran at the source where it was. */
  private static Stop qemu(String machine, boolean ran, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("-nodefaults", "-M", machine, "-m", "16M", "-incoming", "defer"));
    arguments.addAll(List.of(more));
    if (ran) {
      arguments.add("-S");
    }
    return Stop.qemu(arguments.toArray(String[]::new));
  }

  private static String memory(Stop where) throws IOException {
    return where.sha256(0, 640 << 10) + where.sha256(MIB, 15 * MIB);
  }

  private static void awaitWrites(Stop qemu, long howMany) {
    Await.until("the guest to write on", () -> qemu.word(DirtyGuest.WRITTEN) > howMany);
  }
}
