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
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole of Red Hat bug 678524, cured: a VM whose share is in use, so that smbd helpers end all
 * the while, saves itself by exec again and again on a busy machine.
 */
@RequiresPeer({"smbd", "smbclient", "ip", "unshare", "nsenter", "setpriv"})
@NoLeaks
final class SharedSavesIT {
  private static final int CLIENTS = 2;

  /** The counters that {@code info children} ends with. */
  private static final Pattern COUNTERS =
      Pattern.compile(
          "(\\d+) started: (\\d+) running, (\\d+) succeeded, (\\d+) failed, (\\d+) killed by a"
              + " signal, (\\d+) lost; (\\d+) could not be started");

  private final byte[] contents = new byte[3 << 20];

  private Path temp;
  private ShareLab.Plan plan;

  @BeforeAll
  static void namespaces_can_be_made() {
    Seat.ROOT.require();
  }

  @BeforeEach
  void makeShare() throws IOException {
    temp = TempDirs.create("saves");
    plan = new ShareLab.Plan(temp);
    Files.writeString(plan.share().resolve("there"), "shared\n");
    new Random(678524).nextBytes(contents);
    Path file = Files.write(temp.resolve("contents"), contents);
    plan.machine("-device", "loader,file=" + file + ",addr=0x100000,force-raw=on");
  }

  @AfterEach
  void removeShare() {
    TempDirs.delete(temp);
  }

  @Test
  void a_hundred_saves_beside_a_share_in_use_all_complete_and_load_back() throws Exception {
    saves(100);
  }

  @Test
  @Tag("soak")
  void a_thousand_saves_beside_a_share_in_use_all_complete_and_load_back() throws Exception {
    saves(1000);
  }

  private void saves(int count) throws Exception {
    Map<String, Path> distinct = new HashMap<>();
    try (ShareLab lab = plan.start("smb=" + plan.share());
        HmpClient monitor = lab.monitor()) {
      assertEquals("shared\n", lab.read("qemu"), "before all else");
      lab.awaitNoHelper(monitor);
      long pid = lab.dunlin().process().pid();
      int descriptors = ProcFs.descriptors(pid).size();
      int mounts = 1;
      try (BusyMachine busy = BusyMachine.start(4);
          ChildProcess clients = clients(lab)) {
        Await.until("the first client", () -> clients.stdout().text().contains("served"));
        for (int i = 1; i <= count; i++) {
          save(monitor, "number " + i);
          keepDistinct(temp.resolve("save"), distinct);
        }
        Files.writeString(temp.resolve("enough"), "");
        ChildProcess.Result served = clients.awaitResult(Await.GENEROUS);
        assertEquals(0, served.exitStatus(), served::toString);
        mounts += served.stdout().lines().filter("served"::equals).count();
      }
      lab.awaitNoHelper(monitor);
      assertAllAccountedFor(monitor, count, mounts);
      assertEquals(descriptors, ProcFs.descriptors(pid).size(), "descriptors");
      assertEquals(List.of(), zombies(pid));
      lab.quit(monitor);
      System.out.printf(
          "%d saves, %d mounts, %d distinct streams%n", count, mounts, distinct.size());
    }
    for (Path stream : distinct.values()) {
      assertLoadsBack(stream);
    }
  }

  private void save(HmpClient monitor, String which) {
    assertEquals("", monitor.command("migrate \"exec:cat >" + temp + "/save\""), which);
    String info = monitor.command("info migrate");
    assertTrue(info.contains("Migration status: completed"), which + ": " + info);
    assertEquals("", monitor.command("cont"), which);
  }

  private void keepDistinct(Path save, Map<String, Path> distinct) throws Exception {
    String hash = Sha256.of(save);
    if (!distinct.containsKey(hash)) {
      distinct.put(hash, Files.move(save, temp.resolve("save-" + distinct.size())));
    }
  }

  /** Each mount and each save had a child of its own, and of each it is known how it ended. */
  private static void assertAllAccountedFor(HmpClient monitor, int saves, int mounts) {
    String children = monitor.command("info children");
    Matcher counter = COUNTERS.matcher(children);
    assertTrue(counter.find(), children);
    int started = Integer.parseInt(counter.group(1));
    int running = Integer.parseInt(counter.group(2));
    int succeeded = Integer.parseInt(counter.group(3));
    int terminated = Integer.parseInt(counter.group(5));
    assertEquals(2, running, () -> "only the guard and the companion run: " + children);
    assertEquals(started, running + succeeded + terminated, children);
    assertTrue(started >= saves + mounts + running, children);
    assertEquals("0", counter.group(4), () -> "failed: " + children);
    assertEquals("0", counter.group(6), () -> "lost: " + children);
    assertEquals("0", counter.group(7), () -> "not started: " + children);
  }

  private static List<ProcFs.Process> zombies(long pid) {
    return ProcFs.children(pid).stream().filter(ProcFs.Process::isZombie).toList();
  }

  /**
   * Some guests that mount, read and leave, again and again until there is a file "enough"; they
   * stop at a failure.
   */
  private ChildProcess clients(ShareLab lab) {
    String loop =
        ("for n in $(seq %3$d); do"
                + " while [ ! -e %1$s/enough ]; do"
                + " %2$s -s /dev/null -N //10.0.2.4/qemu -c \"get there %1$s/got$n\" >%1$s/said$n 2>&1"
                + " && [ \"$(cat %1$s/got$n)\" = shared ] && rm %1$s/got$n && echo served"
                + " || { cat %1$s/said$n; : >%1$s/enough; exit 1; }; done &"
                + " pids=\"$pids $!\"; done; for each in $pids; do wait $each || exit 1; done")
            .formatted(temp, Peer.path("smbclient"), CLIENTS);
    return lab.guest("clients", "/bin/sh", "-c", loop);
  }

  /** With a network of the same name, since what the guest was given there came along. */
  private void assertLoadsBack(Path stream) throws Exception {
    Path memory = temp.resolve("memory");
    try (DunlinProcess dunlin =
            DunlinProcess.startWithMonitors(
                "-M",
                "pc-0.12",
                "-m",
                "16",
                "-netdev",
                "user,id=u",
                "-S",
                "-incoming",
                "exec:cat " + stream);
        HmpClient monitor = dunlin.hmp()) {
      Await.until(
          "the end of the incoming migration",
          () -> !monitor.command("info status").contains("inmigrate"));
      assertEquals(
          "", monitor.command("pmemsave 0x100000 " + contents.length + " \"" + memory + "\""));
      assertEquals(Sha256.of(contents), Sha256.of(memory));
    }
  }
}
