package dev.dunlin.slirp.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.GuestConnection;
import dev.dunlin.slirp.GuestServer;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.OwnThread;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The user network behind the card of an embedding VMM, whose guest is a real kernel. */
@NoLeaks
@RequiresPeer({"ip", "sysctl", "ping"})
@Timeout(180)
class EmbeddedCardTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final InetSocketAddress BOARD = new InetSocketAddress("10.0.2.100", 80);
  private static final int ROOMY = Integer.MAX_VALUE;

  private static Socket connect(TapVmm vmm, InetSocketAddress to) {
    return vmm.guest.call(
        () -> {
          Socket socket = new Socket();
          socket.connect(to, 60_000);
          socket.setSoTimeout(60_000);
          return socket;
        });
  }

  private static CompletableFuture<Void> async(Step step) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            step.run();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        OwnThread.EACH);
  }

  private interface Step {
    void run() throws IOException;
  }

  /** No VMM says whether its card has room: what a full ring loses is sent again. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_card_whose_ring_loses_every_burst_gets_every_byte(boolean ownLoop) throws Exception {
    byte[] sent = Packets.noise(1_500_000, 9);
    try (TapVmm vmm = new TapVmm("", Map.of(), 8, ownLoop, () -> {});
        ServerSocket listener = new ServerSocket(0, 1, LOOPBACK)) {
      InetSocketAddress gateway = new InetSocketAddress("10.0.2.2", listener.getLocalPort());
      try (Socket guest = connect(vmm, gateway);
          Socket host = listener.accept()) {
        host.setSoTimeout(60_000);
        CompletableFuture<Void> down = async(() -> host.getOutputStream().write(sent));
        CompletableFuture<Void> up = async(() -> guest.getOutputStream().write(sent));
        CompletableFuture<byte[]> got =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return host.getInputStream().readNBytes(sent.length);
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                },
                OwnThread.EACH);
        assertArrayEquals(sent, guest.getInputStream().readNBytes(sent.length));
        assertArrayEquals(sent, got.get(100, TimeUnit.SECONDS));
        CompletableFuture.allOf(up, down).get(60, TimeUnit.SECONDS);
      }
      assertTrue(vmm.lost() > 0, "the ring was too small");
      // The wake-up of a halted CPU is the only call, and never from a timer.
      assertTrue(
          vmm.callers().stream().allMatch(t -> ownLoop ? true : t.startsWith("net 0")),
          vmm.callers()::toString);
    }
  }

  /** An idle guest's clock was seen to run 390 times as fast as the wall's. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_guest_whose_clock_races_gets_every_byte(boolean ownLoop) throws Exception {
    byte[] sent = Packets.noise(300_000, 10);
    try (TapVmm vmm = new TapVmm("", Map.of(), ROOMY, ownLoop, () -> {}, 390);
        ServerSocket listener = new ServerSocket(0, 1, LOOPBACK)) {
      InetSocketAddress gateway = new InetSocketAddress("10.0.2.2", listener.getLocalPort());
      try (Socket guest = connect(vmm, gateway);
          Socket host = listener.accept()) {
        host.setSoTimeout(60_000);
        CompletableFuture<Void> down = async(() -> host.getOutputStream().write(sent));
        assertArrayEquals(sent, guest.getInputStream().readNBytes(sent.length));
        down.get(60, TimeUnit.SECONDS);
        CompletableFuture<Void> up = async(() -> guest.getOutputStream().write(sent));
        assertArrayEquals(sent, host.getInputStream().readNBytes(sent.length));
        up.get(60, TimeUnit.SECONDS);
      }
    }
  }

  /** Fact 26 of what is easily missed. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_stopped_guest_stops_the_timers_but_not_the_outside_peers(boolean ownLoop)
      throws Exception {
    try (TapVmm vmm = new TapVmm("", Map.of(), ROOMY, ownLoop, () -> {});
        DatagramSocket peer = new DatagramSocket(0, LOOPBACK);
        DatagramSocket client =
            vmm.guest.call(() -> new DatagramSocket(new InetSocketAddress("10.0.2.15", 0)))) {
      peer.setSoTimeout(60_000);
      client.setSoTimeout(60_000);
      byte[] question = "still there?".getBytes(US_ASCII);
      client.send(
          new DatagramPacket(
              question, question.length, InetAddress.getByName("10.0.2.2"), peer.getLocalPort()));
      DatagramPacket asked = new DatagramPacket(new byte[100], 100);
      peer.receive(asked);
      vmm.stop();
      // Far beyond any idle time of a flow; the peer answers all the same.
      vmm.advance(TimeUnit.HOURS.toNanos(1));
      byte[] answer = "yes".getBytes(US_ASCII);
      peer.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
      vmm.start();
      DatagramPacket got = new DatagramPacket(new byte[100], 100);
      client.receive(got);
      assertEquals("yes", new String(got.getData(), 0, got.getLength(), US_ASCII));
    }
  }

  /** CVE-2025-9074's kind: whoever reaches the monitor owns the emulator. */
  @Test
  void no_monitor_can_be_reached_from_the_guest() throws Exception {
    try (TapVmm vmm = new TapVmm("", Map.of(), ROOMY, false, () -> {});
        ServerSocket other = new ServerSocket(0, 1, LOOPBACK)) {
      int port = vmm.listeningDevice("socket,id=m,host=127.0.0.1,port=0,server=on,wait=off");
      InetSocketAddress monitor = new InetSocketAddress("10.0.2.2", port);
      assertThrows(IllegalStateException.class, () -> connect(vmm, monitor));
      try (Socket host = new Socket(LOOPBACK, port);
          Socket guest = connect(vmm, new InetSocketAddress("10.0.2.2", other.getLocalPort()))) {
        assertTrue(host.isConnected() && guest.isConnected());
      }
    }
  }

  @Test
  void what_the_user_closed_is_closed() throws Exception {
    String options = ",host-loopback=off,block=192.0.2.0/24,block=host";
    try (TapVmm vmm = new TapVmm(options, Map.of(), ROOMY, false, () -> {});
        ServerSocket listener = new ServerSocket(0, 1, LOOPBACK)) {
      InetSocketAddress gateway = new InetSocketAddress("10.0.2.2", listener.getLocalPort());
      assertThrows(IllegalStateException.class, () -> connect(vmm, gateway));
      for (String closed : new String[] {"192.0.2.7", "169.254.169.254"}) {
        String said = vmm.guest.attempt("ping", "-n", "-c", "1", "-W", "5", closed).stdout();
        assertTrue(said.contains("From 10.0.2.2 icmp_seq=1 Packet filtered"), said);
      }
    }
  }

  /** A connection goes on in the same process exactly when nothing has happened to it since. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_restored_guest_keeps_what_is_as_it_was_and_hears_at_once_what_is_not(boolean ownLoop)
      throws Exception {
    try (TapVmm vmm = new TapVmm("", Map.of(), ROOMY, ownLoop, () -> {});
        ServerSocket listener = new ServerSocket(0, 2, LOOPBACK)) {
      InetSocketAddress gateway = new InetSocketAddress("10.0.2.2", listener.getLocalPort());
      try (Socket quiet = connect(vmm, gateway);
          Socket quietHost = listener.accept();
          Socket busy = connect(vmm, gateway);
          Socket busyHost = listener.accept()) {
        quietHost.setSoTimeout(60_000);
        busyHost.setSoTimeout(60_000);
        vmm.stop();
        byte[] saved = vmm.save();
        vmm.start();
        busy.getOutputStream().write(1);
        assertEquals(1, busyHost.getInputStream().read());
        vmm.stop();
        vmm.load(saved);
        vmm.start();
        assertThrows(IOException.class, () -> busy.getInputStream().read());
        assertThrows(IOException.class, () -> busyHost.getInputStream().read());
        quiet.getOutputStream().write(2);
        assertEquals(2, quietHost.getInputStream().read());
        quietHost.getOutputStream().write(3);
        assertEquals(3, quiet.getInputStream().read());
      }
    }
  }

  @Test
  void a_board_answers_its_own_guest_on_the_thread_of_its_cpu() throws Exception {
    GuestServer server = new GuestServer();
    Pages pages = new Pages(server);
    String forward = ",guestfwd=tcp:10.0.2.100:80-handler:pages";
    try (TapVmm vmm = new TapVmm(forward, Map.of("pages", server), ROOMY, true, pages)) {
      for (int i = 0; i < 3; i++) {
        try (Socket guest = connect(vmm, BOARD)) {
          guest.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
          String page = new String(guest.getInputStream().readAllBytes(), US_ASCII);
          assertTrue(page.startsWith("HTTP/1.0 200 OK\r\n"), page);
          assertTrue(page.endsWith("hello, guest"), page);
        }
      }
      Await.until("all are over", () -> pages.open == 0);
      assertEquals(Set.of("vmm cpu"), pages.threads);
    }
  }

  /** One page, served to whoever asks, without a thread of its own. */
  private static final class Pages implements Runnable {
    private static final byte[] PAGE =
        "HTTP/1.0 200 OK\r\nContent-Length: 12\r\n\r\nhello, guest".getBytes(US_ASCII);

    private final GuestServer server;
    private final java.util.List<GuestConnection> connections = new java.util.ArrayList<>();
    private final Set<String> threads = java.util.concurrent.ConcurrentHashMap.newKeySet();
    private volatile int open;

    Pages(GuestServer server) {
      this.server = server;
    }

    @Override
    public void run() {
      GuestConnection arrived;
      while ((arrived = server.accept()) != null) {
        threads.add(Thread.currentThread().getName());
        connections.add(arrived);
      }
      ByteBuffer request = ByteBuffer.allocate(1024);
      for (GuestConnection connection : connections) {
        if (connection.read(request.clear()) > 0) {
          connection.write(ByteBuffer.wrap(PAGE));
          connection.end();
        }
      }
      connections.removeIf(GuestConnection::isOver);
      open = connections.size();
    }
  }
}
