package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.OwnNetwork;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole of Red Hat bug 678524, cured: a VM whose share is in use, so that smbd helpers end all
 * the while, saves itself by exec again and again on a busy machine.
 */
@RequiresPeer({"smbd", "smbclient", "ip"})
@NoLeaks
final class SharedSavesIT {
  private static final String GUEST = "dunlin-" + ProcessHandle.current().pid() + "-smb";

  private Path temp;

  @BeforeAll
  static void namespaces_can_be_made() {
    OwnNetwork.require();
  }

  @BeforeEach
  void makeGuest() throws Exception {
    temp = TempDirs.create("saves");
    Files.createDirectory(temp.resolve("tmp"));
    Files.writeString(Files.createDirectory(temp.resolve("share")).resolve("there"), "shared\n");
    ip("netns", "add", GUEST);
    ip("-n", GUEST, "link", "set", "lo", "up");
  }

  @AfterEach
  void removeGuest() {
    ip("netns", "del", GUEST);
    TempDirs.delete(temp);
  }

  @Test
  void ten_saves_beside_a_share_in_use_all_complete() throws Exception {
    saves(10, 1);
  }

  @Test
  @Tag("soak")
  void a_thousand_saves_beside_a_share_in_use_all_complete() throws Exception {
    saves(1000, 4);
  }

  private void saves(int count, int busyProcesses) throws Exception {
    try (BusyMachine busy = BusyMachine.start(busyProcesses);
        DunlinProcess dunlin = startVm();
        HmpClient monitor = dunlin.hmp()) {
      giveGuestItsAddress();
      try (ChildProcess clients = clients()) {
        Await.until("the first client", () -> clients.stdout().text().contains("served"));
        for (int i = 1; i <= count; i++) {
          assertEquals("", monitor.command("migrate \"exec:cat >" + temp + "/save\""));
          String info = monitor.command("info migrate");
          assertTrue(info.contains("Migration status: completed"), "number " + i + ": " + info);
          assertEquals("", monitor.command("cont"));
        }
        Files.writeString(temp.resolve("enough"), "");
        ChildProcess.Result served = clients.awaitResult(Await.GENEROUS);
        assertEquals(0, served.exitStatus(), served::toString);
        System.out.printf("%d saves, %d mounts%n", count, served.stdout().lines().count());
      }
      Await.until("the last helper's end", () -> !children(monitor).contains("smbd"));
      String children = monitor.command("info children");
      assertTrue(children.contains(" 0 lost"), children);
      monitor.send("quit\n");
      assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
    }
    try (Stream<Path> left = Files.list(temp.resolve("tmp"))) {
      assertEquals(List.of(), left.toList(), "Samba's directory is gone");
    }
  }

  private DunlinProcess startVm() {
    return DunlinProcess.startWithMonitors(
        "-M",
        "pc-0.12",
        "-m",
        "16",
        "-netdev",
        "user,id=u,smb=" + temp.resolve("share"),
        "-netdev",
        "tap,id=t,ifname=guest0,script=no,downscript=no,netns=/run/netns/" + GUEST,
        "-netdev",
        "hubport,id=h0,hubid=0,netdev=u",
        "-netdev",
        "hubport,id=h1,hubid=0,netdev=t");
  }

  private static void giveGuestItsAddress() {
    ip("-n", GUEST, "address", "add", "10.0.2.15/24", "dev", "guest0");
    ip("-n", GUEST, "link", "set", "guest0", "up");
  }

  /**
   * Mounts, reads and leaves, again and again until there is a file "enough"; stops at a failure.
   */
  private ChildProcess clients() {
    String loop =
        ("while [ ! -e %1$s/enough ]; do"
                + " %2$s -s /dev/null -N //10.0.2.4/qemu -c 'get there %1$s/got' >%1$s/said 2>&1"
                + " && [ \"$(cat %1$s/got)\" = shared ] && rm %1$s/got && echo served"
                + " || { cat %1$s/said; exit 1; }; done")
            .formatted(temp, Peer.path("smbclient"));
    return ChildProcess.start(
        "clients", List.of(Peer.path("ip"), "netns", "exec", GUEST, "/bin/sh", "-c", loop));
  }

  /** Those of them that run. */
  private static String children(HmpClient monitor) {
    return monitor
        .command("info children")
        .lines()
        .filter(line -> line.contains("owner=u smb") && line.contains(" running"))
        .map(line -> "smbd " + line)
        .reduce("", String::concat);
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Peer.path("ip")));
    command.addAll(List.of(arguments));
    try (ChildProcess ip = ChildProcess.start("ip", command)) {
      ChildProcess.Result result = ip.awaitResult(Await.GENEROUS);
      assertEquals(0, result.exitStatus(), result::toString);
    }
  }
}
