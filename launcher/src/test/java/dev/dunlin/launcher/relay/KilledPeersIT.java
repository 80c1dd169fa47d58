package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DirtyGuest;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.ProcFs;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A whole process is killed in the middle of a migration: the other one says what is true, its VM
 * runs on or waits for the next, and nothing of the attempt is left.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class KilledPeersIT {
  private static final long MIB = 1 << 20;

  /** Never done at this speed: the guest writes ten times as much. */
  private static final String SLOW = "migrate_set_parameter max-bandwidth 3M";

  private static final String FAST = "migrate_set_parameter max-bandwidth 1G";

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"TCP", "UNIX"})
  void a_relay_whose_source_dies_takes_the_next_one(Transport transport) throws Exception {
    try (Stop relay = Stop.dunlin("-M", "relay", "-incoming", "defer")) {
      List<Integer> descriptors = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        try (Stop source = source()) {
          source.does(SLOW);
          transport.begin(source, relay, temp.resolve("in" + i));
          Await.until("pages", () -> source.figure("normal") > 300);
          source.kill();
          String info = relay.awaitFailed();
          assertTrue(info.contains("load of migration failed: "), info);
          assertEquals("paused (inmigrate)", relay.status());
          descriptors.add(ProcFs.descriptors(relay.process().pid()).size());
        }
      }
      assertEquals(descriptors.get(0), descriptors.get(1));
      try (Stop source = source()) {
        transport.carry(source, relay, temp.resolve("good"));
        assertEquals(source.sha256(MIB, 63 * MIB), relay.sha256(MIB, 63 * MIB));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TCP", "UNIX"})
  void a_guest_of_dunlins_whose_target_dies_runs_on(Transport transport) throws Exception {
    String[] machine = {"-M", "pc", "-m", "64", "-device", "ram-writer,start=1M,end=33M,rate=30M"};
    try (Stop dunlin = Stop.dunlin(machine)) {
      List<Integer> descriptors = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        try (Stop target = target("-vga", "none", "-device", VGA)) {
          dunlin.does(SLOW);
          transport.begin(dunlin, target, temp.resolve("out" + i));
          Await.until("pages", () -> dunlin.figure("normal") > 300);
          target.kill();
          String info = dunlin.awaitFailed();
          assertTrue(info.contains("Broken pipe") || info.contains("reset by peer"), info);
          assertEquals("running", dunlin.status());
          String memory = dunlin.sha256(MIB, 32 * MIB);
          Await.until("the guest to write", () -> !memory.equals(dunlin.sha256(MIB, 32 * MIB)));
          assertEquals(List.of(), ProcFs.children(dunlin.process().pid()));
          descriptors.add(ProcFs.descriptors(dunlin.process().pid()).size());
        }
      }
      assertEquals(descriptors.get(0), descriptors.get(1));
      try (Stop target = target("-vga", "none", "-device", VGA)) {
        dunlin.does(FAST);
        transport.carry(dunlin, target, temp.resolve("good"));
        assertEquals(dunlin.sha256(MIB, 63 * MIB), target.sha256(MIB, 63 * MIB));
      }
    }
  }

  private static final String VGA = "VGA,global-vmstate=on,vgamem_mb=16";

  /** QEMU's guest, and what becomes of it when the relay dies on either of its ways. */
  @Test
  void a_relay_that_dies_costs_no_guest() throws Exception {
    try (Stop source = source()) {
      try (Stop relay = Stop.dunlin("-M", "relay", "-incoming", "defer")) {
        source.does(SLOW);
        Transport.TCP.begin(source, relay, temp);
        Await.until("pages", () -> source.figure("normal") > 300);
        relay.kill();
        source.awaitFailed();
        assertEquals("running", source.status());
        awaitWrites(source);
      }
      try (Stop relay = Stop.dunlin("-M", "relay", "-incoming", "defer");
          Stop next = target("-kernel", guest())) {
        source.does(FAST);
        Transport.TCP.carry(source, relay, temp.resolve("none"));
        relay.does(SLOW);
        Transport.TCP.begin(relay, next, temp);
        Await.until("pages", () -> relay.figure("normal") > 300);
        relay.kill();
        ChildProcess.Result end = next.process().awaitResult(Await.GENEROUS);
        assertNotEquals(0, end.exitStatus());
        assertTrue(end.stderr().contains("load of migration failed"), end.stderr());
      }
      assertEquals("paused (postmigrate)", source.status());
      source.does("cont");
      awaitWrites(source);
    }
  }

  private String guest() throws IOException {
    return DirtyGuest.write(temp, MIB, 33 * MIB, 30 * MIB).toString();
  }

  private Stop source() throws IOException {
    Stop source = Stop.qemu("-nodefaults", "-M", "pc", "-m", "64M", "-kernel", guest());
    Await.until("the guest to write all of it", () -> source.word(DirtyGuest.WRITTEN) > 8192);
    return source;
  }

  private static Stop target(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("-nodefaults", "-M", "pc", "-m", "64M", "-S", "-incoming", "defer"));
    arguments.addAll(List.of(more));
    return Stop.qemu(arguments.toArray(String[]::new));
  }

  private static void awaitWrites(Stop qemu) throws IOException {
    long before = qemu.word(DirtyGuest.WRITTEN);
    Await.until("the guest to write on", () -> qemu.word(DirtyGuest.WRITTEN) != before);
  }
}
