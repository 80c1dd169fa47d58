package dev.dunlin.launcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.ProcFs;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A share works for whoever runs Dunlin, whatever the directory is called, in every protocol. */
@RequiresPeer({"smbd", "smbclient", "ip", "unshare", "nsenter", "setpriv"})
@NoLeaks
final class ShareSeatsIT {
  private Path temp;
  private ShareLab.Plan plan;

  @BeforeEach
  void makeShare() throws IOException {
    temp = TempDirs.create("seat");
    plan = new ShareLab.Plan(temp);
    Files.writeString(plan.share().resolve("there"), "shared\n");
  }

  @AfterEach
  void removeShare() {
    TempDirs.delete(temp);
  }

  /** What the guest writes belongs to the user who runs Dunlin. */
  @ParameterizedTest
  @EnumSource(Seat.class)
  void anybody_can_share_a_directory(Seat seat) throws Exception {
    seat.require();
    plan.as(seat).program(readableProgram());
    Files.writeString(temp.resolve("secret"), "open sesame\n");
    Path file = Files.writeString(temp.resolve("file"), "from the guest\n");
    try (ShareLab lab =
            plan.machine("-object", "secret,id=s,file=" + temp.resolve("secret"))
                .start("smb=" + plan.share() + ",smb-user=worker,smb-password-secret=s");
        HmpClient monitor = lab.monitor()) {
      ChildProcess.Result said =
          lab.smb(
              "qemu",
              "put " + file + " one; mkdir two; rename one two\\one; get there " + temp + "/got",
              "-U",
              "worker%open sesame",
              "--client-protection=encrypt");
      assertEquals(0, said.exitStatus(), said::toString);
      assertEquals("shared\n", Files.readString(temp.resolve("got")));
      Path written = plan.share().resolve("two/one");
      assertEquals("from the guest\n", Files.readString(written));
      Path own = Path.of("/proc", Long.toString(lab.dunlin().process().pid()));
      assertEquals(Files.getOwner(own), Files.getOwner(written));
      assertTrue(lab.read("qemu").contains("NT_STATUS_"), "nobody else is let in");
      lab.quit(monitor);
      assertFalse(lab.log().contains("warning: u smb"), lab::log);
    }
  }

  /** The built program, where every user of this machine can read it. */
  private List<String> readableProgram() throws IOException {
    Path program = Files.createDirectory(temp.resolve("program"));
    String copy =
        "cd \"$1\"; cp -a --parents dunlin scripts launcher/target/dunlin.jar launcher/target/native"
            + " launcher/target/cds \"$2\" 2>/dev/null; chmod -R a+rX \"$2\"";
    String from = DunlinProcess.root().toAbsolutePath().toString();
    try (ChildProcess copied =
        ChildProcess.start("copy", List.of("sh", "-c", copy, "copy", from, program.toString()))) {
      assertEquals(0, copied.awaitResult(Await.GENEROUS).exitStatus());
    }
    return List.of(program.resolve("dunlin").toString());
  }

  /** In the C locale too, whose character set has none of these letters. */
  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void a_path_may_have_blanks_commas_and_any_letters(String locale) throws Exception {
    Seat.ROOT.require();
    Path odd = Files.createDirectory(temp.resolve("it's 50% gr\u00fc\u00df, \u03b1, \u4e2d"));
    TempDirs.openToAll(odd);
    Files.writeString(odd.resolve("there"), "found\n");
    Path other = Files.createDirectory(temp.resolve("another,one"));
    Files.writeString(other.resolve("there"), "the other\n");
    try (ShareLab lab =
            plan.environment("LC_ALL", locale)
                .start("smb=" + escaped(odd) + ",smb.tools=" + escaped(other));
        HmpClient monitor = lab.monitor()) {
      assertEquals("found\n", lab.read("qemu"));
      assertEquals("the other\n", lab.read("tools"));
      ChildProcess.Result said =
          lab.smb("qemu", "put " + other.resolve("there") + " \u00fcber\u4e2d.txt");
      assertEquals(0, said.exitStatus(), said::toString);
      assertEquals("the other\n", Files.readString(odd.resolve("\u00fcber\u4e2d.txt")));
      // The monitor's bytes as they are.
      String network = new String(monitor.command("info usernet").getBytes(ISO_8859_1), UTF_8);
      assertTrue(network.contains("share 'qemu' of '" + odd + "' at 10.0.2.4\n"), network);
      lab.quit(monitor);
    }
  }

  /** As QEMU's command line wants it. */
  private static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }

  @Test
  void every_protocol_that_is_asked_for_is_spoken_on_both_ports() throws Exception {
    Seat.ROOT.require();
    try (ShareLab lab = plan.start("smb=" + plan.share() + ",smb-min-protocol=NT1");
        HmpClient monitor = lab.monitor()) {
      for (String protocol : List.of("NT1", "SMB2", "SMB3")) {
        for (String port : List.of("139", "445")) {
          assertEquals(
              "shared\n",
              lab.read("qemu", "-p", port, "--option=client min protocol=NT1", "-m", protocol),
              protocol + " on " + port);
        }
      }
      lab.quit(monitor);
    }
  }

  @Test
  void the_oldest_protocol_is_refused_unless_it_is_asked_for() throws Exception {
    Seat.ROOT.require();
    try (ShareLab lab = plan.start("smb=" + plan.share() + ",smb-readonly=on");
        HmpClient monitor = lab.monitor()) {
      String[] oldest = {"--option=client min protocol=NT1", "-m", "NT1"};
      assertTrue(lab.read("qemu", oldest).contains("protocol negotiation failed"));
      assertEquals("shared\n", lab.read("qemu", "-m", "SMB2"));
      assertEquals("shared\n", lab.read("qemu", "-m", "SMB3"));
      String said = lab.smb("qemu", "del there; mkdir no").stdout();
      assertTrue(said.contains("NT_STATUS_ACCESS_DENIED"), said);
      lab.quit(monitor);
    }
  }

  /** From the host's own changes and from another connection's. */
  @Test
  void a_guest_is_told_of_changes() throws Exception {
    Seat.ROOT.require();
    Path watched = Files.createDirectory(plan.share().resolve("watched"));
    TempDirs.openToAll(watched);
    try (ShareLab lab = plan.start("smb=" + plan.share());
        HmpClient monitor = lab.monitor();
        ChildProcess watcher = lab.smbclient("qemu", "-N", "-c", "notify watched")) {
      watcher.closeStdin();
      int[] count = {0};
      Await.until(
          "a change by the host",
          () -> {
            // Whether the guest watches already can only be found out.
            Files.writeString(watched.resolve("host" + count[0]++), "");
            return watcher.stdout().text().contains("0001 host");
          });
      Path file = Files.writeString(temp.resolve("file"), "");
      assertEquals(0, lab.smb("qemu", "put " + file + " watched\\guest").exitStatus());
      Await.until("a change by a guest", () -> watcher.stdout().text().contains("0001 guest"));
      watcher.close();
      lab.quit(monitor);
    }
  }

  /** As the first process of a container it gets everybody's orphans, smbd's daemons among them. */
  @Test
  void a_container_s_first_process_leaves_no_zombies() throws Exception {
    Seat.ROOT.require();
    plan.container();
    try (ShareLab lab = plan.start("smb=" + plan.share());
        HmpClient monitor = lab.monitor()) {
      for (int i = 0; i < 3; i++) {
        assertEquals("shared\n", lab.read("qemu"));
      }
      lab.awaitNoHelper(monitor);
      Await.until("no zombies", () -> zombies(lab.dunlin().process().pid()).isEmpty());
      lab.quit(monitor);
    }
  }

  private static List<ProcFs.Process> zombies(long ancestor) {
    return ProcessHandle.of(ancestor)
        .orElseThrow()
        .descendants()
        .flatMap(process -> ProcFs.children(process.pid()).stream())
        .filter(ProcFs.Process::isZombie)
        .toList();
  }
}
