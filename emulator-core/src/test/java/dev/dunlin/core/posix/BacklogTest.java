package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class BacklogTest {
  @TempDir Path directory;

  @Test
  void a_pipe_holds_what_nobody_has_read() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      Backlog backlog = Backlog.of(pipe.writeEnd());
      assertEquals(0, backlog.bytes());
      pipe.writeEnd().write(ByteBuffer.allocate(3000));
      assertEquals(3000, backlog.bytes());
      pipe.readEnd().read(ByteBuffer.allocate(1000));
      assertEquals(2000, backlog.bytes());
      assertEquals(0, backlog.takeError());
    }
  }

  @Test
  void a_unix_socket_holds_what_its_peer_has_not_read() throws Exception {
    try (Sockets sockets = new Sockets(new SocketName.Unix(directory.resolve("s").toString()))) {
      Backlog backlog = Backlog.of(sockets.client.fd());
      assertEquals(0, backlog.bytes());
      sockets.client.fd().write(ByteBuffer.allocate(3000));
      assertTrue(backlog.bytes() >= 3000);
      sockets.peer.fd().read(ByteBuffer.allocate(3000));
      assertEquals(0, backlog.bytes());
      sockets.client.fd().write(ByteBuffer.allocate(3000));
      sockets.peer.close();
      assertEquals(0, backlog.bytes());
      assertEquals(Errno.ECONNRESET, backlog.takeError());
      assertEquals(0, backlog.takeError(), "told once");
    }
  }

  @Test
  void a_tcp_socket_holds_what_was_not_acknowledged() throws Exception {
    SocketName any = new SocketName.Inet(InetAddress.getLoopbackAddress(), 0);
    try (Sockets sockets = new Sockets(any)) {
      Backlog backlog = Backlog.of(sockets.client.fd());
      sockets.client.fd().write(ByteBuffer.allocate(3000));
      Await.until("the acknowledgement", () -> backlog.bytes() == 0);
      ByteBuffer much = ByteBuffer.allocateDirect(1 << 20);
      while (sockets.client.fd().write(much.clear()) instanceof IoOutcome.Transferred) {
        assertEquals(0, backlog.takeError());
      }
      assertTrue(backlog.bytes() > 0, "the peer's window is full");
    }
  }

  @Test
  void a_device_holds_nothing() throws Exception {
    try (Fd nothing = Fd.open("/dev/null", Fcntl.O_RDWR, 0)) {
      Backlog backlog = Backlog.of(nothing);
      nothing.write(ByteBuffer.allocate(100));
      assertEquals(0, backlog.bytes());
      assertEquals(0, backlog.takeError());
    }
  }

  /** Both ends of a connection. */
  private static final class Sockets implements AutoCloseable {
    private final StreamSocket server;
    private final StreamSocket client;
    private final StreamSocket peer;

    Sockets(SocketName name) throws Exception {
      server = StreamSocket.open(name.family());
      server.bind(name);
      server.listen(1);
      client = StreamSocket.open(name.family());
      client.connect(server.localName());
      Optional<StreamSocket> accepted =
          Await.value(
              "the connection", () -> Optional.of(server.accept()).filter(Optional::isPresent));
      peer = accepted.orElseThrow();
    }

    @Override
    public void close() {
      client.close();
      peer.close();
      server.close();
    }
  }
}
