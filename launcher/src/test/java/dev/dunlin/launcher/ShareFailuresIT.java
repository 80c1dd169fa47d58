package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.ProcFs;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong with a share while a guest uses it: the guest hears of it at once, the log says
 * what it was, the VM lives, and nothing is left over.
 */
@RequiresPeer({"smbd", "smbclient", "ip", "unshare", "nsenter", "setpriv"})
@NoLeaks
final class ShareFailuresIT {
  /** Far more than the wire and the sockets hold: who has read a tenth of it is in the middle. */
  private static final int LARGE = 64 << 20;

  private static final int READ_FIRST = LARGE / 10;

  /** What a script says that is Samba until it is asked for more than its version. */
  private static final String VERSION = "exec " + Peer.path("smbd") + " --version";

  /** Mounts, looks around, and does the rest when it is told to. */
  private static final String PATIENT_GUEST =
      "(echo ls; while [ ! -e go ]; do sleep 0.05; done; echo ls; echo put go x)"
          + " | stdbuf -o0 smbclient -s /dev/null -N //10.0.2.4/qemu";

  private Path temp;
  private ShareLab.Plan plan;

  @BeforeAll
  static void namespaces_can_be_made() {
    Seat.ROOT.require();
  }

  @BeforeEach
  void makeShare() throws IOException {
    temp = TempDirs.create("fail");
    plan = new ShareLab.Plan(temp);
    Files.writeString(plan.share().resolve("there"), "shared\n");
  }

  @AfterEach
  void removeShare() {
    TempDirs.delete(temp);
  }

  private String shared() {
    return "smb=" + plan.share();
  }

  /** A guest in the middle of a long read, which goes on when it is told to. */
  private final class Reading implements AutoCloseable {
    private final ChildProcess client;
    private final ChildProcess reader;

    /**
     * @param rest what is done with all but the beginning
     */
    Reading(ShareLab lab, String rest) throws IOException {
      byte[] random = new byte[LARGE];
      new Random(4).nextBytes(random);
      Files.write(plan.share().resolve("large"), random);
      String script =
          "mkfifo pipe; exec <pipe; head -c %d >/dev/null; touch halfway;"
              + " while [ ! -e go ]; do sleep 0.05; done; %s";
      reader =
          ChildProcess.start(
              "reader",
              List.of("sh", "-c", script.formatted(READ_FIRST, rest)),
              Optional.of(temp),
              Map.of());
      Await.until("the pipe", () -> Files.exists(temp.resolve("pipe")));
      client = lab.smbclient("qemu", "-N", "-c", "get large " + temp.resolve("pipe"));
      client.closeStdin();
      Await.until(
          "the first tenth",
          () -> {
            assertTrue(client.isAlive(), () -> client.stdout().text() + client.stderr().text());
            return Files.exists(temp.resolve("halfway"));
          });
    }

    void goOn() throws IOException {
      Files.createFile(temp.resolve("go"));
    }

    /** What smbclient said of it. */
    String clientsWords() {
      ChildProcess.Result result = client.awaitResult(Await.GENEROUS);
      return result.stdout() + result.stderr();
    }

    @Override
    public void close() {
      client.close();
      reader.close();
    }
  }

  private static void kill(long pid) {
    assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly(), "kill -9 " + pid);
  }

  @Test
  void a_helper_killed_in_the_middle_is_a_reset_a_warning_and_an_entry() throws Exception {
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor();
        Reading reading = new Reading(lab, "cat >/dev/null")) {
      long helper = lab.helper(monitor);
      kill(helper);
      reading.goOn();
      String broken = reading.clientsWords();
      assertTrue(broken.contains("NT_STATUS_CONNECTION_RESET"), broken);

      String who = "pid " + helper + " for 10\\.0\\.2\\.15:\\d+: killed by signal 9 \\(SIGKILL\\)";
      Await.until("the warning", () -> lab.log().contains("SIGKILL"));
      assertTrue(lab.log().matches("(?s).*warning: u smb: " + who + "\n.*"), lab::log);
      String network = monitor.command("info usernet");
      assertTrue(network.matches("(?s).*\n  helper 'smb' " + who + "\n.*"), network);
      String children = monitor.command("info children");
      assertTrue(
          children.matches(
              "(?s).*pid "
                  + helper
                  + ": owner=u smb, started \\S+, killed by signal 9 \\(SIGKILL\\) at .*"),
          children);

      assertEquals("shared\n", lab.read("qemu"), "the next one is served");
      assertTrue(monitor.command("info status").contains("running"));
      lab.quit(monitor);
    }
  }

  @Test
  void a_dunlin_killed_in_the_middle_takes_its_helpers_along_and_the_next_start_sweeps()
      throws Exception {
    List<Long> helpers;
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor();
        Reading reading = new Reading(lab, "cat >/dev/null")) {
      lab.helper(monitor);
      helpers = descendants(lab.dunlin().process().pid());
      // The guard; the companion with its two daemons; the helper with one that it doesn't share.
      assertTrue(helpers.size() >= 6, helpers::toString);
      lab.dunlin().process().signal("KILL");
      for (long helper : helpers) {
        Await.until("the end of " + helper, () -> !isAlive(helper));
      }
    }
    List<String> stale = ShareLab.samba(temp);
    assertEquals(1, stale.size(), stale::toString);
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor()) {
      assertFalse(lab.samba().contains(stale.get(0)), "swept at the next start");
      assertEquals("shared\n", lab.read("qemu"));
      lab.quit(monitor);
    }
  }

  private static List<Long> descendants(long pid) {
    return ProcessHandle.of(pid).orElseThrow().descendants().map(ProcessHandle::pid).toList();
  }

  /** Not one that has ended, though nobody has collected it. */
  private static boolean isAlive(long pid) throws IOException {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    try {
      return !Files.readString(stat).replaceFirst(".*\\) ", "").startsWith("Z");
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  @Test
  void a_migration_s_shell_killed_beside_a_share_in_use_disturbs_nobody() throws Exception {
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor();
        Reading reading = new Reading(lab, "sha256sum")) {
      lab.helper(monitor);
      monitor.command("migrate -d \"exec:kill -STOP $$; exit 3\"");
      long shell =
          Await.value(
              "the shell",
              () ->
                  ProcFs.children(lab.dunlin().process().pid()).stream()
                      .filter(child -> child.name().equals("sh") && isOfMigration(child.pid()))
                      .map(ProcFs.Process::pid)
                      .findFirst());
      kill(shell);
      Await.until(
          "the end of the migration",
          () -> monitor.command("info migrate").contains("Migration status: failed"));
      assertTrue(monitor.command("info migrate").contains("SIGKILL"));
      assertTrue(monitor.command("info status").contains("running"));
      reading.goOn();
      assertEquals("", reading.clientsWords().replaceFirst("getting file .*\n", ""));
      byte[] all = Files.readAllBytes(plan.share().resolve("large"));
      assertEquals(
          Sha256.of(Arrays.copyOfRange(all, READ_FIRST, LARGE)),
          reading.reader.awaitResult(Await.GENEROUS).stdout().split(" ")[0]);
      assertFalse(lab.log().contains("warning: u smb"), lab::log);
      lab.quit(monitor);
    }
  }

  private static boolean isOfMigration(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline")).contains("exit 3");
    } catch (IOException gone) {
      return false;
    }
  }

  @Test
  void samba_that_is_not_there_or_is_not_samba_is_refused_before_the_start() throws Exception {
    assertRefused(
        plan.after("mount --bind /dev/null " + Peer.path("smbd")),
        "could not find 'smbd', please install it");
    plan.after("true");
    Path nowhere = temp.resolve("nowhere");
    assertRefused(plan.smbd(nowhere), "could not find '" + nowhere + "', please install it");
    Path cat = Path.of(Peer.path("cat"));
    ChildProcess.Result said = plan.smbd(cat).refusal(shared());
    assertTrue(
        said.stderr()
            .matches(
                "dunlin: .*: '"
                    + cat
                    + "' is not Samba's smbd \\(it says '.*'\\), please install Samba\n"),
        said::toString);
    assertRefused(
        plan.smbd(script("echo Version 1.2.3")),
        "'"
            + temp.resolve("smbd")
            + "' is not Samba's smbd (it says 'Version 1.2.3'), please install Samba");
  }

  @Test
  void what_a_share_needs_beside_samba_is_checked_before_the_start_too() throws Exception {
    String down = plan.withoutLoopback().refusal(shared()).stderr();
    assertTrue(
        down.matches(
            "dunlin: .*: could not reach smbd over 127\\.0\\.0\\.1: [\\w ]+, is the loopback interface up\\?\n"),
        down);
    plan = new ShareLab.Plan(Files.createDirectory(temp.resolve("again")));
    Path nowhere = temp.resolve("nowhere");
    ChildProcess.Result said = plan.refusal("smb=" + nowhere);
    assertTrue(
        said.stderr()
            .endsWith(
                ": Error accessing shared directory '"
                    + nowhere
                    + "': No such file or directory\n"),
        said::toString);
    // As small as a file system gets, and full.
    plan.after(
        "mount -t tmpfs -o size=4k none %1$s; chmod 777 %1$s; cat /dev/zero >%1$s/full 2>/dev/null || true"
            .formatted(plan.temporary()));
    assertRefused(plan, "could not create samba server dir: No space left on device");
  }

  private void assertRefused(ShareLab.Plan refused, String sentence) {
    ChildProcess.Result said = refused.refusal("smb=" + refused.share());
    assertEquals(
        "dunlin: -netdev user,id=u,smb=" + refused.share() + ": " + sentence + "\n", said.stderr());
    assertEquals(1, said.exitStatus());
  }

  /** An smbd that is Samba's when asked for its version, and else does this. */
  private Path script(String answer, String deed) throws IOException {
    Path script = temp.resolve("smbd");
    Files.writeString(
        script, "#!/bin/sh\n[ \"$1\" != --version ] || { " + answer + "; exit; }\n" + deed + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return script;
  }

  private Path script(String answer) throws IOException {
    return script(answer, "exit 1");
  }

  @Test
  void samba_that_exits_at_once_is_a_reset_with_its_reason_in_the_log() throws Exception {
    Path smbd = script(VERSION, "echo no ticket to ride >&2; exit 3");
    try (ShareLab lab = plan.smbd(smbd).start(shared());
        HmpClient monitor = lab.monitor()) {
      String said = lab.read("qemu");
      assertTrue(said.contains("NT_STATUS_CONNECTION_RESET"), said);
      String end = "for 10\\.0\\.2\\.15:\\d+: exited with status 3: no ticket to ride\n";
      Await.until(
          "the warning", () -> lab.log().matches("(?s).*warning: u smb: pid \\d+ " + end + ".*"));
      String network = monitor.command("info usernet");
      assertTrue(network.matches("(?s).*\n  helper 'smb' pid \\d+ " + end + ".*"), network);
      lab.quit(monitor);
    }
  }

  @Test
  void a_helper_has_its_connection_its_log_and_a_session_and_nothing_else() throws Exception {
    Path seen = temp.resolve("seen");
    Path smbd =
        script(
            VERSION,
            "sh -c 'cd /proc/'$$'; (ls -l fd; cat stat; grep Sig status) >>" + seen + "'; exit 0");
    try (ShareLab lab = plan.smbd(smbd).start(shared());
        HmpClient monitor = lab.monitor()) {
      lab.read("qemu");
      Await.until("what the helper saw", () -> Files.readString(seen).contains("SigIgn"));
      List<String> lines = Files.readAllLines(seen);
      List<String> descriptors =
          lines.stream()
              .skip(1)
              .takeWhile(line -> line.contains(" -> "))
              .map(line -> line.replaceFirst(".* (\\d+ -> \\w*).*", "$1"))
              .toList();
      // On 10 sh has its script.
      assertEquals(List.of("0 -> socket", "1 -> socket", "10 -> ", "2 -> pipe"), descriptors);
      String[] stat =
          lines.stream()
              .filter(line -> line.matches("\\d+ \\(smbd\\) .*"))
              .findFirst()
              .orElseThrow()
              .split(" ");
      assertEquals(stat[0], stat[4], "leads a process group");
      assertEquals(stat[0], stat[5], "leads a session");
      assertTrue(lines.contains("SigBlk:\t0000000000000000"), lines::toString);
      lab.quit(monitor);
    }
  }

  @Test
  void a_directory_removed_under_a_guest_is_named_in_the_log() throws Exception {
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor();
        ChildProcess client =
            lab.guest("guest", "sh", "-c", "cd '" + temp + "'; " + PATIENT_GUEST)) {
      Await.until("the guest's mount", () -> client.stdout().text().contains(" there "));
      TempDirs.delete(plan.share());
      Files.createFile(temp.resolve("go"));
      String answer = client.awaitResult(Await.GENEROUS).stdout();
      assertTrue(
          answer.matches("(?s).*NT_STATUS_\\w+ listing .*NT_STATUS_\\w+ opening .*"), answer);
      String gone = plan.share() + ".*No such file or directory";
      Await.until(
          "the warning",
          () -> lab.log().matches("(?s).*warning: u smb: pid \\d+ for [^\n]*" + gone + ".*"));
      String said = lab.read("qemu");
      assertTrue(said.contains("NT_STATUS_BAD_NETWORK_NAME"), said);
      Await.until(
          "the second warning",
          () ->
              lab.log()
                  .contains(
                      "Error accessing shared directory '"
                          + plan.share()
                          + "': No such file or directory"));
      Files.createDirectory(plan.share());
      Files.writeString(plan.share().resolve("there"), "again\n");
      assertEquals("again\n", lab.read("qemu"), "it may come back");
      assertTrue(monitor.command("info status").contains("running"));
      lab.quit(monitor);
    }
  }

  @Test
  void a_full_disk_is_the_guest_s_error_and_nobody_else_s() throws Exception {
    plan.after(
        "mount -t tmpfs -o size=4m none %1$s; echo shared >%1$s/there".formatted(plan.share()));
    Path large = Files.write(temp.resolve("large"), new byte[16 << 20]);
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor()) {
      ChildProcess.Result full = lab.smb("qemu", "put " + large + " large");
      assertTrue(full.toString().contains("NT_STATUS_DISK_FULL"), full::toString);
      assertEquals("shared\n", lab.read("qemu"));
      ChildProcess.Result after = lab.smb("qemu", "del large; put /etc/hostname name; ls");
      assertTrue(after.stdout().contains("name"), after::toString);
      lab.quit(monitor);
    }
  }

  @Test
  void no_room_for_samba_s_own_files_is_said_so() throws Exception {
    plan.after("mount -t tmpfs -o size=64k none %1$s; chmod 777 %1$s".formatted(plan.temporary()));
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor()) {
      String said = lab.read("qemu");
      assertTrue(said.contains("NT_STATUS_CONNECTION_RESET"), said);
      Await.until(
          "the warning",
          () ->
              lab.log()
                  .matches(
                      "(?s).*warning: u smb: pid \\d+ for 10\\.0\\.2\\.15:\\d+: killed by signal 6 \\(SIGABRT\\)[^\n]*"
                          + "; No space left for Samba's files in '.*"));
      assertTrue(monitor.command("info status").contains("running"));
      lab.quit(monitor);
    }
  }

  @Test
  void a_network_taken_away_under_a_guest_leaves_no_helper_and_no_directory() throws Exception {
    try (ShareLab lab = plan.start(shared());
        HmpClient monitor = lab.monitor();
        Reading reading = new Reading(lab, "cat >/dev/null")) {
      lab.helper(monitor);
      assertEquals("", monitor.command("netdev_del u"));
      lab.awaitNoHelper(monitor);
      Await.until("no directory", () -> lab.samba().isEmpty());
      lab.quit(monitor);
    }
  }
}
