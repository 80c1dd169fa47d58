package dev.dunlin.launcher.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.launcher.guest.SharingHost.Mount;
import dev.dunlin.launcher.guest.SharingHost.Network;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.GuestImage;
import dev.dunlin.testing.GuestVm;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real kernel's own SMB client on Dunlin's shares. */
@RequiresPeer({"qemu-system-x86_64", "smbd", "unshare"})
@NoLeaks
final class GuestSharesIT {
  private static final String NOBODY_IN_PARTICULAR = "user=guest,pass=";
  private static final String WORKER = "user=worker,pass=" + SharingHost.PASSWORD;
  private static final int LARGE = 64 << 20;
  private static final int SMALL_FILES = 1000;
  private static final int LISTED_FILES = 5000;
  private static final Duration BULK = Duration.ofMinutes(4);

  private static SharingHost host;

  @BeforeAll
  static void boot() throws IOException {
    GuestImage.require();
    host = SharingHost.start();
  }

  @AfterAll
  static void end() {
    host.close();
  }

  @AfterEach
  void emptyShare() throws IOException {
    try (Stream<Path> files = Files.list(host.share())) {
      files.filter(Files::isDirectory).forEach(TempDirs::delete);
    }
    try (Stream<Path> files = Files.list(host.share())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private static String guest(String command) {
    return host.guest().run(command, BULK).text();
  }

  /** What the guest is told when it fails, as it should. */
  private static String refusal(String command) {
    GuestVm.Outcome outcome = host.guest().run(command + " 2>&1", BULK);
    assertTrue(outcome.status() != 0, outcome::output);
    return outcome.output();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.0", "3.1.1", "2.1"})
  void files_are_read_written_renamed_and_deleted(String version) throws Exception {
    Path share = host.share();
    Files.writeString(share.resolve("there"), "from the host\n");
    try (Mount mount =
        host.mount(Network.OPEN, "qemu", "vers=" + version + "," + NOBODY_IN_PARTICULAR)) {
      assertTrue(guest("grep ' /mnt ' /proc/mounts").contains("vers=" + version));
      assertEquals("from the host", guest("cat /mnt/there"));
      guest("echo from the guest >'/mnt/a new one' && sync");
      assertEquals("from the guest\n", Files.readString(share.resolve("a new one")));
      guest("mkdir /mnt/dir && mv '/mnt/a new one' /mnt/dir/gr\u00fc\u00df\u4e2d");
      assertEquals("from the guest\n", Files.readString(share.resolve("dir/gr\u00fc\u00df\u4e2d")));
      guest("echo and more >>/mnt/dir/gr\u00fc\u00df\u4e2d");
      assertEquals("from the guest\nand more", guest("cat /mnt/dir/*"));
      guest("rm -r /mnt/dir /mnt/there");
      assertEquals("", guest("ls /mnt"));
      assertTrue(refusal("cat /mnt/there").contains("No such file or directory"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.0", "3.1.1"})
  void sixty_four_mebibytes_travel_whole_both_ways(String version) throws Exception {
    byte[] random = new byte[LARGE];
    new Random(31).nextBytes(random);
    Files.write(host.share().resolve("down"), random);
    String hash = Sha256.of(random);
    try (Mount mount =
        host.mount(Network.OPEN, "qemu", "vers=" + version + "," + NOBODY_IN_PARTICULAR)) {
      guest("cp /mnt/down /tmp/data");
      assertEquals(hash, guest("sha256sum /tmp/data").split(" ")[0]);
      guest("cp /tmp/data /mnt/up && sync && rm /tmp/data");
    }
    assertEquals(hash, Sha256.of(host.share().resolve("up")));
  }

  @Test
  void a_thousand_small_files_come_and_go() throws Exception {
    Path many = host.share().resolve("many");
    try (Mount mount = host.mount(Network.OPEN, "qemu", "vers=3.1.1," + NOBODY_IN_PARTICULAR)) {
      guest(
          "mkdir /mnt/many && cd /mnt/many && i=0; while [ $i -lt %d ]; do echo file $i >$i; i=$((i + 1)); done"
              .formatted(SMALL_FILES));
      for (int i = 0; i < SMALL_FILES; i++) {
        assertEquals("file " + i + "\n", Files.readString(many.resolve(Integer.toString(i))));
      }
      String all =
          IntStream.range(0, SMALL_FILES)
              .mapToObj(i -> "file " + i + "\n")
              .collect(Collectors.joining());
      assertEquals(
          Sha256.of(all.getBytes(UTF_8)),
          guest("cd /mnt/many && ls | sort -n | xargs cat | sha256sum").split(" ")[0]);
      guest("rm -r /mnt/many");
      assertFalse(Files.exists(many));
    }
  }

  @Test
  void a_directory_of_five_thousand_is_listed_whole() throws Exception {
    Path many = Files.createDirectory(host.share().resolve("many"));
    for (int i = 0; i < LISTED_FILES; i++) {
      Files.createFile(many.resolve("a file with the number %04d, gr\u00fc\u00df".formatted(i)));
    }
    String all =
        IntStream.range(0, LISTED_FILES)
            .mapToObj("a file with the number %04d, gr\u00fc\u00df\n"::formatted)
            .collect(Collectors.joining());
    for (String version : new String[] {"3.0", "3.1.1"}) {
      try (Mount mount =
          host.mount(Network.OPEN, "qemu", "vers=" + version + "," + NOBODY_IN_PARTICULAR)) {
        assertEquals(
            Sha256.of(all.getBytes(UTF_8)),
            guest("cd /mnt/many && printf '%s\\n' * | sha256sum").split(" ")[0]);
      }
    }
  }

  /** Signed and encrypted; current Windows won't have it otherwise. */
  @ParameterizedTest
  @ValueSource(strings = {"3.0", "3.1.1"})
  void an_account_s_share_is_sealed_and_closed_to_others(String version) throws Exception {
    Files.writeString(host.share().resolve("there"), "for workers\n");
    String sealed = "vers=" + version + ",seal,";
    try (Mount mount = host.mount(Network.ACCOUNT, "qemu", sealed + WORKER)) {
      assertTrue(guest("grep ' /mnt ' /proc/mounts").contains(",seal"));
      assertEquals("for workers", guest("cat /mnt/there"));
      guest("dd if=/mnt/there of=/mnt/back 2>/dev/null && sync");
      assertEquals("for workers\n", Files.readString(host.share().resolve("back")));
    }
    host.mount(Network.ACCOUNT, "qemu", "vers=" + version + ",sec=ntlmsspi," + WORKER).close();
    assertRefused(Network.ACCOUNT, sealed + "user=worker,pass=wrong", "Permission denied");
    assertRefused(
        Network.ACCOUNT, "vers=" + version + "," + NOBODY_IN_PARTICULAR, "Permission denied");
  }

  private static void assertRefused(Network network, String options, String words) {
    GuestVm.Outcome outcome = host.tryMount(network, "qemu", options);
    assertTrue(outcome.status() != 0 && outcome.output().contains(words), outcome::output);
  }

  @Test
  void a_read_only_share_can_t_be_written() throws Exception {
    Files.writeString(host.share().resolve("there"), "untouched\n");
    try (Mount mount =
        host.mount(Network.READ_ONLY, "qemu", "vers=3.1.1," + NOBODY_IN_PARTICULAR)) {
      assertEquals("untouched", guest("cat /mnt/there"));
      for (String deed : new String[] {"touch /mnt/new", "rm -f /mnt/there", "mkdir /mnt/dir"}) {
        assertTrue(refusal(deed).contains("Permission denied"), deed);
      }
    }
    assertEquals("untouched\n", Files.readString(host.share().resolve("there")));
  }

  @Test
  void the_oldest_protocol_serves_those_who_were_let() throws Exception {
    Files.writeString(host.share().resolve("there"), "still here\n");
    try (Mount mount = host.mount(Network.OLD, "qemu", "vers=1.0," + NOBODY_IN_PARTICULAR)) {
      assertEquals("still here", guest("cat /mnt/there"));
      guest("echo old >/mnt/new && mv /mnt/new /mnt/newer && rm /mnt/there");
    }
    assertEquals("old\n", Files.readString(host.share().resolve("newer")));
    assertRefused(Network.OPEN, "vers=1.0," + NOBODY_IN_PARTICULAR, "Operation not supported");
    // What is let in at the least isn't all that is spoken.
    host.mount(Network.OLD, "qemu", "vers=3.1.1," + NOBODY_IN_PARTICULAR).close();
  }

  @Test
  void a_full_disk_is_an_error_of_the_guest_s() throws Exception {
    try (Mount mount = host.mount(Network.OLD, "small", "vers=3.1.1," + NOBODY_IN_PARTICULAR)) {
      String words =
          refusal(
              "dd if=/dev/zero of=/mnt/large bs=1M conv=fsync count="
                  + 2 * (SharingHost.SMALL >> 20));
      assertTrue(words.contains("No space left on device"), words);
      guest("rm /mnt/large && echo room >/mnt/again && sync");
      assertEquals("room", guest("cat /mnt/again"));
      guest("rm /mnt/again");
    }
  }

  /** The kernel connects again by itself, and its user notices nothing or an error. */
  @Test
  void a_guest_whose_helper_was_killed_goes_on() throws Exception {
    byte[] random = new byte[LARGE];
    new Random(9).nextBytes(random);
    Files.write(host.share().resolve("large"), random);
    Files.writeString(host.share().resolve("there"), "still here\n");
    try (Mount mount = host.mount(Network.OPEN, "qemu", "vers=3.1.1," + NOBODY_IN_PARTICULAR);
        HmpClient monitor = host.monitor()) {
      long helper = helper(monitor);
      guest("cat /mnt/large >/tmp/large 2>/tmp/words & exit 0");
      Await.until("the beginning", () -> !guest("wc -c </tmp/large").equals("0"));
      assertTrue(ProcessHandle.of(helper).orElseThrow().destroyForcibly());
      Await.until("the warning", () -> host.log().contains("pid " + helper + " for 10.0.2.15:"));
      Await.until(
          "the share again",
          () -> host.guest().run("cat /mnt/there").output().equals("still here\n"));
      assertTrue(helper(monitor) != helper);
      guest("while pidof cat >/dev/null; do sleep 1; done; rm -f /tmp/large");
      assertEquals(Sha256.of(random), guest("sha256sum /mnt/large").split(" ")[0]);
    }
  }

  /** The one that serves the open network. */
  private static long helper(HmpClient monitor) {
    Pattern line = Pattern.compile("helper 'smb' pid (\\d+) for 10\\.0\\.2\\.15:\\d+: running");
    return Await.value(
        "the helper",
        () -> {
          Matcher helper = line.matcher(monitor.command("info usernet"));
          return helper.find() ? Optional.of(Long.parseLong(helper.group(1))) : Optional.empty();
        });
  }
}
