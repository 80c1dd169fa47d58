package dev.dunlin.launcher.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The network of a saved machine, in another process that goes on from there. */
@RequiresPeer({"ip", "dhclient", "pkill", "nc"})
@NoLeaks
@Timeout(300)
final class NetworkStateIT {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String NAME = "dunlin-networks";

  private Path directory = Path.of("");

  @BeforeEach
  void make_a_directory() {
    directory = TempDirs.create("netstate");
  }

  @AfterEach
  void remove_it() {
    TempDirs.delete(directory);
  }

  private static DunlinProcess start(LastingTap guest, String... more) {
    List<String> arguments = new ArrayList<>(guest.arguments(""));
    arguments.addAll(List.of(more));
    return DunlinProcess.startWithMonitors(arguments.toArray(String[]::new));
  }

  private String lease(LastingTap guest, String tag) throws IOException {
    Path leases = directory.resolve("leases" + tag);
    Path pid = directory.resolve("pid" + tag);
    guest.require(
        "dhclient", "-1", "-v", "-sf", "/bin/true", "-lf", "" + leases, "-pf", "" + pid, "tap0");
    Await.until("dhclient's number", () -> Files.exists(pid) && Files.size(pid) > 0);
    guest.require("pkill", "-F", pid.toString());
    return Files.readString(leases, StandardCharsets.US_ASCII);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void leases_and_added_forwards_go_along_and_a_connection_ends_at_once() throws Exception {
    Path file = directory.resolve("saved");
    int port = freePort();
    try (LastingTap guest = LastingTap.create();
        ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      ChildProcess client;
      try (DunlinProcess first = start(guest);
          HmpClient monitor = first.hmp()) {
        assertTrue(lease(guest, "1").contains("fixed-address 10.0.2.15;"));
        guest.configure();
        assertEquals("", monitor.command("hostfwd_add tcp:127.0.0.1:" + port + "-:22"));
        client = guest.start("nc", "-d", "10.0.2.2", "" + server.getLocalPort());
        try (Socket accepted = server.accept()) {
          accepted.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
          client.stdout().awaitAfter(0, "hello", Await.GENEROUS);
          monitor.command("migrate \"file:" + file + "\"", Await.GENEROUS);
          assertTrue(monitor.command("info migrate").contains("Migration status: completed"));
          // Without a word to anybody: an orderly end would tell the guest itself.
          first.process().signal("KILL");
          Await.until("its end", () -> !first.process().isAlive());
        }
      }
      assertTrue(client.isAlive(), "the guest knows nothing yet");
      try (client;
          DunlinProcess second = start(guest, "-incoming", "file:" + file);
          HmpClient monitor = second.hmp()) {
        Await.until(
            "it was loaded", () -> monitor.command("info status").contains("VM status: running"));
        client.awaitResult(Await.GENEROUS);
        String forward = "  TCP[HOST_FORWARD]";
        String shown = monitor.command("info usernet");
        assertTrue(shown.contains(forward) && shown.contains(" " + port + " "), shown);
        // Another card isn't offered the address that the saved machine had leased.
        guest.ip("addr", "flush", "dev", "tap0");
        guest.ip("link", "set", "tap0", "address", "02:00:00:00:00:77");
        assertTrue(lease(guest, "2").contains("fixed-address 10.0.2.16;"));
        monitor.send("quit\n");
        assertEquals(0, second.process().awaitResult(Await.GENEROUS).exitStatus());
      }
    }
  }

  @Test
  void a_network_that_no_guest_has_used_adds_nothing_to_the_stream() throws Exception {
    Path file = directory.resolve("saved");
    try (LastingTap guest = LastingTap.create();
        DunlinProcess dunlin = start(guest);
        HmpClient monitor = dunlin.hmp()) {
      monitor.command("migrate \"file:" + file + "\"", Await.GENEROUS);
      String stream = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertFalse(stream.contains(NAME), "a real QEMU is to load it");
      // QEMU's own word for what was added while it ran is silence, too; here it is kept.
      monitor.command("cont");
      monitor.command("hostfwd_add tcp:127.0.0.1:" + freePort() + "-:22");
      monitor.command("migrate \"file:" + file + "\"", Await.GENEROUS);
      assertTrue(Files.readString(file, StandardCharsets.ISO_8859_1).contains(NAME));
    }
  }

  @Test
  void a_state_that_does_not_fit_is_refused_and_changes_nothing() throws Exception {
    Path file = directory.resolve("saved");
    int port = freePort();
    try (LastingTap guest = LastingTap.create()) {
      try (DunlinProcess dunlin = start(guest);
          HmpClient monitor = dunlin.hmp()) {
        monitor.command("hostfwd_add tcp:127.0.0.1:" + port + "-:22");
        monitor.command("migrate \"file:" + file + "\"", Await.GENEROUS);
      }
      byte[] bytes = Files.readAllBytes(file);
      // The last four bytes of the state are the number of connections, none.
      int end = endOfState(bytes);
      byte[] kept = bytes.clone();
      ByteBuffer.wrap(bytes).putInt(end - 4, 1 << 31);
      Files.write(file, bytes);
      try (DunlinProcess dunlin = start(guest, "-incoming", "defer");
          HmpClient monitor = dunlin.hmp()) {
        monitor.command("migrate_incoming file:" + file);
        Await.until(
            "a verdict",
            () ->
                monitor
                    .command("info migrate")
                    .contains(
                        "failed (dunlin-networks: 2147483648 connections are more than there are"
                            + " bytes for;"));
        assertFalse(monitor.command("info usernet").contains("HOST_FORWARD"));
        Files.write(file, kept);
        monitor.command("migrate_incoming file:" + file);
        Await.until("the forward", () -> monitor.command("info usernet").contains("HOST_FORWARD"));
      }
      assertArrayEquals(kept, Files.readAllBytes(file));
    }
  }

  /** After the section's header: its name, instance, version, and be32 length before the state. */
  private static int endOfState(byte[] stream) {
    String text = new String(stream, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(NAME) + NAME.length() + 8;
    return at + 4 + ByteBuffer.wrap(stream).getInt(at);
  }
}
