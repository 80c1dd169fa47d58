package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DirtyGuest;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a running guest of a real QEMU did between two stops, told by {@code dunlin-stream}. */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class RelaySavesIT {
  private static final long MIB = 1 << 20;
  private static final int PAGES = 512;

  @TempDir Path temp;

  @Test
  void two_saves_of_a_held_guest_are_alike_and_later_ones_show_what_it_wrote() throws Exception {
    // Two rounds a second: no byte comes round to what it was.
    Path guest = DirtyGuest.write(temp, MIB, 3 * MIB, 4 * MIB);
    Path first = temp.resolve("first");
    Path again = temp.resolve("again");
    Path later = temp.resolve("later");
    try (Stop source =
        Stop.qemu("-nodefaults", "-M", "pc", "-m", "16M", "-kernel", guest.toString())) {
      awaitWrites(source, 16);
      hold(source, first, again);
      long written = source.word(DirtyGuest.WRITTEN);
      source.does("cont");
      awaitWrites(source, written + PAGES);
      hold(source, later);
    }
    ChildProcess.Result same = compare(first, again);
    assertEquals("", same.stdout());
    assertEquals(0, same.exitStatus());
    ChildProcess.Result differences = compare(first, later);
    assertEquals(1, differences.exitStatus());
    String pages =
        "block pc.ram: %d of 4096 pages differ: 0x%x-0x%x, 0x%x-0x%x\n"
            .formatted(PAGES + 1, DirtyGuest.LOAD, DirtyGuest.LOAD + 0xfff, MIB, 3 * MIB - 1);
    assertTrue(differences.stdout().contains(pages), differences.stdout());
    assertTrue(differences.stdout().contains("device cpu 0: "), differences.stdout());
  }

  /** Has the guest stop over, and saves it so many times. */
  private static void hold(Stop source, Path... saves) throws Exception {
    try (Stop relay = Stop.dunlin("-M", "relay", "-incoming", "defer")) {
      Transport.TCP.carry(source, relay, saves[0]);
      for (Path save : saves) {
        relay.does("migrate \"file:" + save + "\"");
        relay.awaitCompleted();
      }
    }
  }

  private static void awaitWrites(Stop source, long howMany) {
    Await.until("the guest to write", () -> source.word(DirtyGuest.WRITTEN) > howMany);
  }

  private static ChildProcess.Result compare(Path left, Path right) throws IOException {
    List<String> command =
        List.of(
            DunlinProcess.root().resolve("dunlin-stream").toString(),
            "compare",
            left.toString(),
            right.toString());
    try (ChildProcess tool = ChildProcess.start("dunlin-stream", command)) {
      return tool.awaitResult(Await.GENEROUS);
    }
  }
}
