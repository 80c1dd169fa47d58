package dev.dunlin.launcher.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.QmpError;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code loadvm} in the process that saved: memory goes back, the network goes on. */
@RequiresPeer({"ip", "nc"})
@NoLeaks
@Timeout(120)
final class PutBackIT {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String GUEST_PORT = "2222";

  private Path directory = Path.of("");

  @BeforeEach
  void make_a_directory() {
    directory = TempDirs.create("putback");
  }

  @AfterEach
  void remove_it() {
    TempDirs.delete(directory);
  }

  @Test
  void memory_goes_back_and_a_connection_and_a_forward_go_on() throws Exception {
    Path file = directory.resolve("saved");
    int port = freePort();
    try (LastingTap guest = LastingTap.create();
        ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        DunlinProcess dunlin = start(guest);
        HmpClient monitor = dunlin.hmp();
        QmpClient qmp = dunlin.qmp()) {
      guest.configure();
      assertEquals(
          "",
          monitor.command(
              "hostfwd_add tcp:127.0.0.1:%d-%s:%s"
                  .formatted(port, LastingTap.ADDRESS, GUEST_PORT)));
      try (ChildProcess client = guest.start("nc", "10.0.2.2", "" + server.getLocalPort());
          Socket accepted = server.accept()) {
        checkConnection(client, accepted, "before");
        monitor.command("stop");
        String memory = memory(monitor);
        assertEquals("", monitor.command("migrate \"file:" + file + "\""));
        monitor.command("cont");
        checkConnection(client, accepted, "between");
        Await.until("the guest to write", () -> !memory(monitor).equals(memory));

        monitor.command("stop");
        Path bad = directory.resolve("bad");
        Files.write(bad, new byte[100]);
        String changed = memory(monitor);
        QmpError refusal =
            assertThrows(
                QmpError.class, () -> qmp.execute("x-loadvm", Map.of("uri", "file:" + bad)));
        assertTrue(String.valueOf(refusal.getMessage()).contains("Not a migration stream"));
        assertEquals(changed, memory(monitor));
        qmp.execute("x-loadvm", Map.of("uri", "file:" + file));
        assertEquals(memory, memory(monitor));
        assertEquals("VM status: paused\n", monitor.command("info status"));

        monitor.command("cont");
        assertEquals("", monitor.command("loadvm \"file:" + file + "\""));
        assertEquals("VM status: running\n", monitor.command("info status"));
        checkConnection(client, accepted, "after");
        checkForward(guest, port);
      }
      monitor.send("quit\n");
      assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
      assertEquals("dunlin: warning: hub 0 with no nics\n", dunlin.process().stderr().text());
    }
  }

  private static DunlinProcess start(LastingTap guest) {
    List<String> arguments = new ArrayList<>(guest.arguments(""));
    arguments.addAll(List.of("-device", "ram-writer,start=0,end=1M,rate=40M"));
    return DunlinProcess.startWithMonitors(arguments.toArray(String[]::new));
  }

  private String memory(HmpClient monitor) throws IOException {
    Path file = directory.resolve("memory");
    assertEquals("", monitor.command("pmemsave 0 0x100000 \"" + file + "\""));
    return Sha256.of(file);
  }

  private static void checkConnection(ChildProcess client, Socket host, String word)
      throws IOException {
    host.getOutputStream().write((word + "\n").getBytes(StandardCharsets.US_ASCII));
    client.stdout().awaitAfter(0, word + "\n", Await.GENEROUS);
    client.type(word + "!\n");
    host.setSoTimeout((int) Await.GENEROUS.toMillis());
    assertEquals(word + "!", readLine(host));
  }

  /** Tries again while the guest's server is still starting. */
  private static void checkForward(LastingTap guest, int port) {
    try (ChildProcess listener = guest.start("nc", "-l", GUEST_PORT)) {
      Await.until(
          "the guest to hear it",
          () -> {
            try (Socket socket = new Socket(LOOPBACK, port)) {
              socket.getOutputStream().write("through\n".getBytes(StandardCharsets.US_ASCII));
            }
            return listener.stdout().text().contains("through");
          });
    }
  }

  private static String readLine(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = socket.getInputStream().read(); c != '\n'; c = socket.getInputStream().read()) {
      if (c < 0) {
        throw new AssertionError("The connection ended after: " + line);
      }
      line.append((char) c);
    }
    return line.toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }
}
