package dev.dunlin.slirp.smb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The share that the real smbd serves to the real smbclient. */
@RequiresPeer({"smbd", "smbclient"})
@NoLeaks
final class SambaProviderTest {
  private Path temp;
  private Path shared;

  @BeforeEach
  void makeDirectories() throws Exception {
    temp = TempDirs.create("smb");
    shared = Files.createDirectory(temp.resolve("shared"));
    Files.writeString(shared.resolve("there"), "from the host\n");
  }

  @AfterEach
  void removeDirectories() {
    TempDirs.delete(temp);
  }

  private SambaProvider provider() {
    return new SambaProvider(() -> Optional.of(Path.of(Peer.path("smbd"))), temp);
  }

  private static SmbSettings guests(SmbShare... shares) {
    return new SmbSettings(ImmutableList.copyOf(shares), false, Optional.empty(), Optional.empty());
  }

  private SmbShare qemu(Path directory) {
    return new SmbShare(SmbShare.DEFAULT_NAME, directory);
  }

  /** What smbclient prints; its own files lie in the temp directory. */
  private ChildProcess.Result smbclient(SmbDoor door, String share, String commands, String... more)
      throws Exception {
    Path config = temp.resolve("client.conf");
    Files.writeString(
        config,
        "[global]\nclient min protocol = NT1\nlock directory = %1$s\nstate directory = %1$s\ncache directory = %1$s\nprivate dir = %1$s\n"
            .formatted(temp));
    List<String> command =
        new ArrayList<>(
            List.of(
                Peer.path("smbclient"),
                "-s",
                config.toString(),
                "//127.0.0.1/" + share,
                "-p",
                String.valueOf(door.port()),
                "-c",
                commands));
    command.addAll(Arrays.asList(more));
    try (ChildProcess client = ChildProcess.start("smbclient", command)) {
      client.closeStdin();
      return client.awaitResult(Await.GENEROUS);
    }
  }

  private String get(SmbDoor door, String share, String... more) throws Exception {
    Path got = temp.resolve("got");
    Files.deleteIfExists(got);
    ChildProcess.Result result = smbclient(door, share, "get there " + got, more);
    return Files.exists(got) ? Files.readString(got) : result.stdout() + result.stderr();
  }

  @Test
  void a_guest_reads_and_writes_and_every_helper_ends_well() throws Exception {
    byte[] random = new byte[3 << 20];
    new Random(445).nextBytes(random);
    Path source = Files.write(temp.resolve("source"), random);
    try (SmbServer server = provider().open(guests(qemu(shared)));
        SmbDoor door = new SmbDoor(server)) {
      assertEquals("from the host\n", get(door, "qemu", "-N"));
      ChildProcess.Result said =
          smbclient(door, "qemu", "put " + source + " put; mkdir made; rename put made\\put", "-N");
      assertEquals(0, said.exitStatus(), said::toString);
      assertArrayEquals(random, Files.readAllBytes(shared.resolve("made/put")));
      assertEquals(
          PosixFilePermissions.toString(Files.getPosixFilePermissions(temp)).substring(0, 3),
          "rwx");
      Await.until("both helpers' ends", () -> door.ends().size() == 2);
      assertTrue(
          door.ends().stream().allMatch(end -> end.equals("well ")), () -> door.ends().toString());
    }
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws Exception {
    try (Stream<Path> files = Files.list(temp)) {
      assertEquals(
          List.of(),
          files
              .map(file -> file.getFileName().toString())
              .filter(n -> n.startsWith("dunlin"))
              .toList());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "with a blank",
        "a,comma",
        "50%U",
        "quo\"te'd",
        "back\\slash\\",
        "new\nline",
        " ; lead",
        "gr\u00fc\u00df\u00e7\u03b1\u4e2d",
        "[global]",
        "trailing "
      })
  void any_directory_can_be_shared_whatever_its_name(String name) throws Exception {
    Path odd = Files.createDirectory(temp.resolve(name));
    Files.writeString(odd.resolve("there"), "in " + name);
    try (SmbServer server = provider().open(guests(qemu(odd)));
        SmbDoor door = new SmbDoor(server)) {
      assertEquals("in " + name, get(door, "qemu", "-N"));
    }
  }

  @Test
  void several_shares_have_their_own_names() throws Exception {
    Path other = Files.createDirectory(temp.resolve("other"));
    Files.writeString(other.resolve("there"), "other\n");
    try (SmbServer server = provider().open(guests(qemu(shared), new SmbShare("tools", other)));
        SmbDoor door = new SmbDoor(server)) {
      assertEquals("from the host\n", get(door, "qemu", "-N"));
      assertEquals("other\n", get(door, "tools", "-N"));
      assertTrue(get(door, "nosuch", "-N").contains("NT_STATUS_BAD_NETWORK_NAME"));
    }
  }

  @Test
  void a_read_only_share_takes_nothing() throws Exception {
    SmbSettings settings =
        new SmbSettings(ImmutableList.of(qemu(shared)), true, Optional.empty(), Optional.empty());
    try (SmbServer server = provider().open(settings);
        SmbDoor door = new SmbDoor(server)) {
      assertEquals("from the host\n", get(door, "qemu", "-N"));
      String said = smbclient(door, "qemu", "del there; mkdir no", "-N").stdout();
      assertTrue(said.contains("NT_STATUS_ACCESS_DENIED"), said);
      assertTrue(Files.exists(shared.resolve("there")));
      assertFalse(Files.exists(shared.resolve("no")));
    }
  }

  @Test
  void an_account_keeps_out_who_does_not_know_it_and_signs_and_seals() throws Exception {
    SmbSettings settings =
        new SmbSettings(
            ImmutableList.of(qemu(shared)),
            false,
            Optional.of(new SmbAccount("guest user", "s3cret %U \u00fc")),
            Optional.of(SmbDialect.SMB3));
    try (SmbServer server = provider().open(settings);
        SmbDoor door = new SmbDoor(server)) {
      String right = "guest user%s3cret %U \u00fc";
      assertEquals("from the host\n", get(door, "qemu", "-U", right));
      assertEquals(
          "from the host\n",
          get(door, "qemu", "-U", right, "--client-protection=encrypt", "-m", "SMB3_11"));
      assertTrue(get(door, "qemu", "-U", "guest user%wrong").contains("LOGON_FAILURE"));
      assertTrue(get(door, "qemu", "-N").contains("NT_STATUS_"), "nobody");
      assertTrue(get(door, "qemu", "-U", right, "-m", "SMB2").contains("NT_STATUS_"), "too old");
    }
  }

  @Test
  void the_oldest_protocol_is_spoken_only_when_asked_for() throws Exception {
    try (SmbServer server = provider().open(guests(qemu(shared)));
        SmbDoor door = new SmbDoor(server)) {
      String said = get(door, "qemu", "-N", "-m", "NT1");
      assertTrue(said.contains("protocol negotiation failed"), said);
    }
    SmbSettings settings =
        new SmbSettings(
            ImmutableList.of(qemu(shared)), false, Optional.empty(), Optional.of(SmbDialect.NT1));
    try (SmbServer server = provider().open(settings);
        SmbDoor door = new SmbDoor(server)) {
      assertEquals("from the host\n", get(door, "qemu", "-N", "-m", "NT1"));
      assertEquals("from the host\n", get(door, "qemu", "-N"));
    }
  }

  /**
   * smb.conf(5) takes a family's name for its newest dialect; who asks for SMB 3 means all of it.
   */
  @ParameterizedTest
  @CsvSource({"SMB2, SMB2_02, NT1", "SMB2, SMB2_10, NT1", "SMB3, SMB3_00, SMB2_10"})
  void a_family_of_protocols_is_let_in_whole(SmbDialect oldest, String spoken, String tooOld)
      throws Exception {
    SmbSettings settings =
        new SmbSettings(
            ImmutableList.of(qemu(shared)), false, Optional.empty(), Optional.of(oldest));
    try (SmbServer server = provider().open(settings);
        SmbDoor door = new SmbDoor(server)) {
      assertEquals("from the host\n", get(door, "qemu", "-N", "-m", spoken));
      assertTrue(get(door, "qemu", "-N", "-m", tooOld).contains("NT_STATUS_"), tooOld);
    }
  }

  @Test
  void a_link_out_of_the_share_leads_nowhere() throws Exception {
    Files.writeString(temp.resolve("outside"), "secret");
    Files.createSymbolicLink(shared.resolve("out"), temp.resolve("outside"));
    try (SmbServer server = provider().open(guests(qemu(shared)));
        SmbDoor door = new SmbDoor(server)) {
      Path got = temp.resolve("got");
      String said = smbclient(door, "qemu", "get out " + got, "-N").stdout();
      assertTrue(said.contains("NT_STATUS_"), said);
      assertFalse(Files.exists(got));
    }
  }

  @Test
  void the_directory_stays_until_the_last_helper_has_ended() throws Exception {
    SmbServer server = provider().open(guests(qemu(shared)));
    SmbServer.Connection helper = server.started((int) ProcessHandle.current().pid());
    server.close();
    try (Stream<Path> files = Files.list(temp)) {
      assertTrue(files.anyMatch(file -> file.getFileName().toString().startsWith("dunlin-")));
    }
    helper.ended();
    assertNothingIsLeft();
  }

  @Test
  void what_is_not_samba_is_refused_before_the_start() throws Exception {
    Path impostor = temp.resolve("smbd");
    Files.writeString(impostor, "#!/bin/sh\necho 'usage: smbd [-debug]'\n");
    Files.setPosixFilePermissions(impostor, PosixFilePermissions.fromString("rwx------"));
    assertEquals(
        "'"
            + impostor
            + "' is not Samba's smbd (it says 'usage: smbd [-debug]'), please install Samba",
        refusal(new SambaProvider(() -> Optional.of(impostor), temp)));
    assertEquals(
        "could not find 'smbd', please install it",
        refusal(new SambaProvider(Optional::empty, temp)));
    Path odd = Files.createDirectory(temp.resolve("50%"));
    assertEquals(
        "could not create samba server dir: Samba's configuration can't hold '"
            + odd
            + "', set TMPDIR to another directory",
        refusal(new SambaProvider(() -> Optional.of(Path.of(Peer.path("smbd"))), odd)));
    provider().check(guests(qemu(shared)));
  }

  private String refusal(SambaProvider provider) {
    return String.valueOf(
        assertThrows(OptionException.class, () -> provider.check(guests(qemu(shared))))
            .getMessage());
  }
}
