package dev.dunlin.slirp.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.GuestConnection;
import dev.dunlin.slirp.GuestServer;
import dev.dunlin.slirp.TestEmulator;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.OwnThread;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code of an embedding program that answers a guest, whose end of the connection is a kernel's. */
@NoLeaks
@RequiresPeer({"ip", "sysctl"})
@Timeout(120)
class GuestServerTest {
  private static final InetSocketAddress SERVER = new InetSocketAddress("10.0.2.100", 80);

  private final GuestServer server = new GuestServer();
  private TestEmulator emulator;
  private GuestLab lab;

  @BeforeEach
  void start() throws Exception {
    emulator = new TestEmulator();
    String options = "guestfwd=tcp:10.0.2.100:80-handler:echo";
    lab =
        GuestLab.start(
                emulator.network(options, Map.of("echo", server)), n -> emulator.on(n::start))
            .withAddress();
  }

  @AfterEach
  void stop() throws Exception {
    lab.close();
    emulator.close();
  }

  private Socket connect() {
    return lab.guest.call(
        () -> {
          Socket socket = new Socket();
          socket.connect(SERVER, 60_000);
          socket.setSoTimeout(60_000);
          return socket;
        });
  }

  private GuestConnection accept() {
    return Await.value("a connection", Await.GENEROUS, () -> Optional.ofNullable(server.accept()));
  }

  /** Sends back what comes until the guest ends, woken by nothing but the connection's hook. */
  private static CompletableFuture<Long> echo(GuestConnection connection) {
    Semaphore news = new Semaphore(1);
    connection.onReady(news::release);
    return CompletableFuture.supplyAsync(
        () -> {
          ByteBuffer bytes = ByteBuffer.allocate(10_000);
          long total = 0;
          while (true) {
            boolean moved = false;
            int count = connection.read(bytes);
            moved |= count > 0;
            total += Math.max(0, count);
            bytes.flip();
            moved |= connection.write(bytes) > 0;
            if (count < 0 && !bytes.hasRemaining()) {
              connection.end();
              return total;
            }
            bytes.compact();
            if (!moved && !news.tryAcquire()) {
              news.acquireUninterruptibly();
            }
          }
        },
        OwnThread.EACH);
  }

  @Test
  void bytes_go_both_ways_at_once_and_none_is_lost() throws Exception {
    try (Socket guest = connect()) {
      GuestConnection connection = accept();
      assertEquals("u", connection.network());
      assertEquals("10.0.2.15", connection.guest().getAddress().getHostAddress());
      assertEquals(guest.getLocalPort(), connection.guest().getPort());
      CompletableFuture<Long> served = echo(connection);
      byte[] sent = Packets.noise(4_000_000, 7);
      CompletableFuture<byte[]> got =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return guest.getInputStream().readAllBytes();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              },
              OwnThread.EACH);
      guest.getOutputStream().write(sent);
      guest.shutdownOutput();
      assertArrayEquals(sent, got.get(100, TimeUnit.SECONDS));
      assertEquals(sent.length, served.get(60, TimeUnit.SECONDS));
      Await.until("it is over", connection::isOver);
      assertFalse(connection.isBroken());
    }
  }

  @Test
  void a_server_that_reads_nothing_holds_the_guest_and_bounds_what_waits() throws Exception {
    try (Socket guest = connect()) {
      GuestConnection connection = accept();
      byte[] sent = Packets.noise(16_000_000, 8);
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                try {
                  guest.getOutputStream().write(sent);
                  guest.shutdownOutput();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              },
              OwnThread.EACH);
      // Written long before it could all be taken: its kernel, our window and our pipe are full.
      assertThrows(TimeoutException.class, () -> sending.get(2, TimeUnit.SECONDS));
      ByteBuffer all = ByteBuffer.allocate(sent.length + 1);
      assertTrue(connection.read(all) <= GuestConnection.CAPACITY);
      Await.until("everything", () -> connection.read(all) < 0);
      assertEquals(ByteBuffer.wrap(sent), all.flip());
    }
  }

  @Test
  void a_guest_that_reads_nothing_holds_the_server() throws Exception {
    try (Socket guest = connect()) {
      GuestConnection connection = accept();
      Semaphore news = new Semaphore(0);
      connection.onReady(news::release);
      ByteBuffer endless = ByteBuffer.allocate(64_000_000);
      long quiet = 0;
      while (quiet < 10) {
        quiet = connection.write(endless) > 0 ? 0 : quiet + 1;
        news.tryAcquire(50, TimeUnit.MILLISECONDS);
      }
      assertTrue(endless.hasRemaining(), "bounded by the windows of two kernels");
      news.drainPermits();
      guest.getInputStream().readNBytes(endless.position() - GuestConnection.CAPACITY);
      assertTrue(news.tryAcquire(60, TimeUnit.SECONDS), "there is room again");
    }
  }

  @Test
  void a_reset_is_a_reset_either_way() throws Exception {
    try (Socket guest = connect()) {
      accept().reset();
      IOException reset = assertThrows(IOException.class, () -> guest.getInputStream().read());
      assertEquals("Connection reset", reset.getMessage());
    }
    Socket guest = connect();
    GuestConnection connection = accept();
    guest.setSoLinger(true, 0);
    guest.close();
    Await.until("the server knows", connection::isBroken);
    assertEquals(-1, connection.read(ByteBuffer.allocate(1)));
    assertEquals(0, connection.write(ByteBuffer.allocate(1)));
    connection.end();
    connection.reset();
  }

  @Test
  void each_direction_ends_by_itself() throws Exception {
    try (Socket guest = connect()) {
      GuestConnection connection = accept();
      connection.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      connection.end();
      assertEquals(0, connection.write(ByteBuffer.wrap(new byte[] {4})), "it has said its last");
      assertArrayEquals(new byte[] {1, 2, 3}, guest.getInputStream().readAllBytes());
      guest.getOutputStream().write(new byte[100]);
      ByteBuffer got = ByteBuffer.allocate(1000);
      Await.until("what the guest still says", () -> connection.read(got) == 100);
      assertFalse(connection.isOver());
    }
  }

  @Test
  void connections_beyond_the_bound_and_to_a_closed_server_are_refused() throws Exception {
    List<Socket> guests = new ArrayList<>();
    try {
      for (int i = 0; i < GuestServer.MOST_CONNECTIONS; i++) {
        guests.add(connect());
      }
      assertRefused();
      guests.remove(0).close();
      GuestConnection first = accept();
      first.end();
      Await.until("the first is over", first::isOver);
      guests.add(connect());
      server.close();
      assertNull(server.accept());
      assertRefused();
      // Those that nobody had taken are broken.
      assertThrows(IOException.class, () -> guests.get(0).getInputStream().read());
    } finally {
      for (Socket guest : guests) {
        guest.close();
      }
    }
  }

  private void assertRefused() {
    IllegalStateException refused = assertThrows(IllegalStateException.class, this::connect);
    Throwable cause = refused;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertTrue(cause instanceof ConnectException, cause::toString);
  }

  @Test
  void the_end_of_the_network_breaks_what_is_open() throws Exception {
    try (Socket guest = connect()) {
      GuestConnection connection = accept();
      Semaphore news = new Semaphore(0);
      connection.onReady(news::release);
      lab.network.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
      assertTrue(news.tryAcquire(60, TimeUnit.SECONDS));
      assertTrue(connection.isBroken());
      assertTrue(connection.isOver());
      assertTrue(guest.isConnected());
    }
  }
}
