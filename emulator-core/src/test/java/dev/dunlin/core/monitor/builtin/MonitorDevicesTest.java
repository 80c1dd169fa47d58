package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.core.run.RunState;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.TempDirs;
import dev.dunlin.testing.Transcript;
import dev.dunlin.testing.UnixConnection;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Monitors on every kind of device that can be had without a terminal. */
@NoLeaks
final class MonitorDevicesTest {
  private static final String UNIX = "unix:%s/mon,server=on,wait=off";

  @Test
  void a_stale_socket_is_replaced_and_ours_is_removed_at_the_end() throws Exception {
    Path socket;
    try (MonitorBench first = MonitorBench.start("monitor", UNIX);
        MonitorBench second =
            MonitorBench.start("monitor", "unix:" + first.socket("mon") + ",server,nowait")) {
      socket = first.socket("mon");
      try (HmpClient client = HmpClient.connect(socket)) {
        client.command("cont");
        assertEquals(RunState.RUNNING, second.emulator().run().state());
        assertEquals(RunState.PRELAUNCH, first.emulator().run().state());
      }
      second.close();
      assertFalse(Files.exists(socket));
    }
  }

  @Test
  void a_socket_that_somebody_else_put_in_the_place_of_ours_stays() throws Exception {
    Path directory = TempDirs.create("place");
    Path socket = directory.resolve("s");
    try {
      try (MonitorBench bench =
          MonitorBench.start("monitor", "unix:" + socket + ",server,nowait")) {
        assertEquals(-1, bench.emulator().exitStatus());
        Files.delete(socket);
        Files.writeString(socket, "somebody else's");
      }
      assertEquals("somebody else's", Files.readString(socket));
    } finally {
      TempDirs.delete(directory);
    }
  }

  @Test
  void a_file_that_is_no_socket_is_not_removed() throws Exception {
    Path directory = TempDirs.create("file");
    Path file = Files.writeString(directory.resolve("data"), "precious");
    try {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> MonitorBench.start("monitor", "unix:" + file + ",server,nowait"));
      assertTrue(
          e.toString().contains("Failed to bind socket to " + file + ": Address already in use"),
          e::toString);
      assertEquals("precious", Files.readString(file));
    } finally {
      TempDirs.delete(directory);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'tcp:127.0.0.1:0,server,nowait',   'disconnected:tcp:127\\.0\\.0\\.1:(\\d+),server=on'",
    "'tcp:[::1]:0,server=on,wait=off',  'disconnected:tcp:\\[::1\\]:(\\d+),server=on'",
    "'tcp::0,server,nowait,nodelay',    'disconnected:tcp:0\\.0\\.0\\.0:(\\d+),server=on'",
  })
  void port_0_becomes_a_free_port_that_info_chardev_names(String device, String name)
      throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", device)) {
      Chardev chardev = chardev(bench);
      String filename = bench.loop().call(chardev::filename);
      Matcher matcher = Pattern.compile(name).matcher(filename);
      assertTrue(matcher.matches(), filename);
      String host = filename.contains("[::1]") ? "::1" : "127.0.0.1";
      try (Socket client = new Socket(host, Integer.parseInt(matcher.group(1)));
          Transcript heard = new Transcript("tcp", client.getInputStream())) {
        client.getOutputStream().write("info chardev\n".getBytes(StandardCharsets.US_ASCII));
        String said = heard.awaitAfter(0, ",server=on <-> ", Await.GENEROUS);
        assertTrue(said.contains("compat_monitor0: filename=tcp:"), said);
        client.close();
      }
    }
  }

  @Test
  void a_telnet_client_gets_character_mode_and_carriage_returns_count_once() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", "telnet:127.0.0.1:0,server,nowait")) {
      Chardev chardev = chardev(bench);
      String filename = bench.loop().call(chardev::filename);
      assertTrue(filename.startsWith("disconnected:telnet:127.0.0.1:"), filename);
      int port = Integer.parseInt(filename.replaceAll(".*:(\\d+),.*", "$1"));
      try (Socket client = new Socket("127.0.0.1", port);
          Transcript heard = new Transcript("telnet", client.getInputStream())) {
        client
            .getOutputStream()
            .write("\377\375\1\377\373\30p 1\r\np 2\r\0".getBytes(StandardCharsets.ISO_8859_1));
        String said = heard.awaitAfter(0, "0x2\r\n(qemu) ", Await.GENEROUS);
        assertTrue(said.startsWith("\377\373\1\377\373\3\377\373\0\377\375\0Dunlin"), said);
        assertTrue(said.contains("\377\376\30"), "the terminal type is declined");
        assertEquals(3, said.split("\\(qemu\\) ", -1).length, said);
        client.close();
      }
    }
  }

  @Test
  void a_client_connects_to_a_listener_and_comes_back_when_it_was_cut_off() throws Exception {
    try (ServerSocket listener = new ServerSocket(0)) {
      String device = "tcp:127.0.0.1:" + listener.getLocalPort() + ",reconnect=1";
      try (MonitorBench bench = MonitorBench.start("monitor", device)) {
        assertEquals(-1, bench.emulator().exitStatus());
        for (int i = 0; i < 2; i++) {
          try (Socket accepted = listener.accept();
              Transcript heard = new Transcript("listener", accepted.getInputStream())) {
            heard.awaitAfter(0, HmpClient.PROMPT, Await.GENEROUS);
            accepted.close();
          }
        }
      }
    }
  }

  @Test
  void a_server_that_waits_keeps_the_guest_from_starting_until_a_client_is_there()
      throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", "unix:%s/mon,server=on")) {
      assertEquals(
          List.of(
              "-monitor unix:"
                  + bench.socket("mon")
                  + ",server=on: info: QEMU waiting for connection on: disconnected:unix:"
                  + bench.socket("mon")
                  + ",server=on"),
          bench.notices());
      assertFalse(bench.emulator().run().autostart());
      try (HmpClient client = HmpClient.connect(bench.socket("mon"))) {
        Await.until("the guest runs", () -> bench.emulator().run().state() == RunState.RUNNING);
        assertTrue(bench.emulator().run().autostart());
        assertEquals("VM status: running\n", client.command("info status"));
      }
    }
  }

  @Test
  void descriptors_come_over_a_unix_monitor_and_are_owned_by_their_names() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        Pipe pipe = Pipe.open();
        StreamSocket client = StreamSocket.open(SocketName.AF_UNIX)) {
      client.connect(new SocketName.Unix(bench.socket("mon").toString()));
      int ours = pipe.writeEnd().number();
      send(client, "getfd one\n", List.of(ours));
      send(client, "getfd two\n", List.of(ours, ours));
      send(client, "getfd one\n", List.of(ours));
      send(client, "p 0x1111\n", List.of(ours));
      send(client, "getfd late\n", List.of());
      send(client, "getfd three\nclosefd two\nclosefd two\np 0x2222\n", List.of());
      String said = receiveUntil(client, "0x2222\r\n(qemu) ");
      assertEquals(
          List.of(
              "Error: No file descriptor supplied via SCM_RIGHTS",
              "Error: File descriptor named 'two' not found"),
          said.lines().filter(line -> line.startsWith("Error")).distinct().toList());
      // What came with "p" was still there for the next getfd, as in QEMU.
      assertEquals(
          2,
          bench
              .loop()
              .call(
                  () ->
                      bench.emulator().fds().takeAll().stream()
                          .filter(MonitorDevicesTest::isClosed)
                          .count()));
    }
  }

  @Test
  void devices_are_added_and_removed_by_monitors() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      Path other = bench.socket("other");
      assertEquals(
          "", client.command("chardev-add socket,id=b,path=" + other + ",server=on,wait=off"));
      UnixConnection.connect(other).close();
      assertEquals("", client.command("chardev-remove b"));
      assertFalse(Files.exists(other));
      assertEquals(
          "Error: Chardev 'compat_monitor0' is busy\n",
          client.command("chardev-remove compat_monitor0"));
    }
  }

  @Test
  void a_monitor_may_write_to_a_file_and_nowhere() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", "file:%s/log", "qmp", "null")) {
      assertTrue(Files.readString(bench.socket("log")).endsWith("(qemu) "));
    }
  }

  @Test
  void a_pair_of_fifos_is_a_monitor() throws Exception {
    Path directory = TempDirs.create("fifo");
    try {
      for (String side : List.of("in", "out")) {
        new ProcessBuilder("mkfifo", directory.resolve("p." + side).toString()).start().waitFor();
      }
      try (MonitorBench bench = MonitorBench.start("monitor", "pipe:" + directory.resolve("p"));
          var out = Files.newInputStream(directory.resolve("p.out"))) {
        assertEquals(-1, bench.emulator().exitStatus());
        Files.write(directory.resolve("p.in"), "p 0x77\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder said = new StringBuilder();
        byte[] piece = new byte[256];
        while (said.indexOf("0x77\r\n(qemu) ") < 0) {
          int n = out.read(piece);
          assertTrue(n > 0);
          said.append(new String(piece, 0, n, StandardCharsets.ISO_8859_1));
        }
      }
    } finally {
      TempDirs.delete(directory);
    }
  }

  private static Chardev chardev(MonitorBench bench) {
    return bench.emulator().chardevs().find("compat_monitor0").orElseThrow();
  }

  private static void send(StreamSocket socket, String text, List<Integer> fds) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    socket.send(bytes, fds);
    assertFalse(bytes.hasRemaining());
  }

  private static String receiveUntil(StreamSocket socket, String end) throws IOException {
    StringBuilder said = new StringBuilder();
    ByteBuffer piece = ByteBuffer.allocate(4096);
    while (said.indexOf(end) < 0) {
      assertTrue(socket.fd().await(FdEvents.READ, Await.GENEROUS.toNanos()), said::toString);
      socket.receive(piece.clear(), fds -> fds.forEach(fd -> fd.close()));
      said.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
    }
    return said.toString();
  }

  private static boolean isClosed(int fd) {
    Fd.owning(fd).close();
    return true;
  }
}
