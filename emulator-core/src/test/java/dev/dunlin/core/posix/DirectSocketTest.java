package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

@NoLeaks
class DirectSocketTest {
  private static final long LOOPBACK = 0xffff_7f00_0001L;

  private static InetName loopback(int port) {
    return new InetName().set(0, LOOPBACK, port);
  }

  /** Two UDP sockets, each connected to the other. */
  private static DirectSocket[] udpPair() throws PosixException {
    DirectSocket one = DirectSocket.udp(loopback(0));
    DirectSocket other = DirectSocket.udp(loopback(0));
    one.bind(loopback(0));
    other.bind(loopback(0));
    assertEquals(Transfer.MOVED, one.connect(loopback(other.localName().port())));
    assertEquals(Transfer.MOVED, other.connect(loopback(one.localName().port())));
    return new DirectSocket[] {one, other};
  }

  private static ByteBuffer bytes(int count, int first) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(count);
    for (int i = 0; i < count; i++) {
      bytes.put(i, (byte) (first + i));
    }
    return bytes;
  }

  private static void awaitReadable(DirectSocket socket) throws PosixException {
    try (Fd fd = Fd.borrowing(socket.number())) {
      assertTrue(fd.await(FdEvents.READ, 10_000_000_000L));
    }
  }

  @Test
  void bytes_move_from_position_to_limit_and_no_further() throws Exception {
    DirectSocket[] pair = udpPair();
    try (DirectSocket one = pair[0];
        DirectSocket other = pair[1]) {
      ByteBuffer from = bytes(100, 0).position(10).limit(30);
      assertEquals(Transfer.MOVED, one.send(from));
      assertEquals(30, from.position());
      awaitReadable(other);
      ByteBuffer into = ByteBuffer.allocateDirect(100).position(50).limit(90);
      assertEquals(Transfer.MOVED, other.receive(into));
      assertEquals(70, into.position());
      assertEquals(10, into.get(50));
      assertEquals(29, into.get(69));
      assertEquals(0, into.get(70));
      assertEquals(Transfer.WOULD_BLOCK, other.receive(into));
    }
  }

  @Test
  void an_empty_datagram_is_no_end_and_a_closed_stream_is() throws Exception {
    DirectSocket[] pair = udpPair();
    try (DirectSocket one = pair[0];
        DirectSocket other = pair[1]) {
      one.send(ByteBuffer.allocateDirect(0));
      awaitReadable(other);
      assertEquals(Transfer.MOVED, other.receive(ByteBuffer.allocateDirect(10)));
    }
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DirectSocket client = DirectSocket.tcp(loopback(0))) {
      client.connect(loopback(server.getLocalPort()));
      server.accept().close();
      awaitReadable(client);
      assertEquals(Transfer.ENDED, client.receive(ByteBuffer.allocateDirect(10)));
    }
  }

  @Test
  void connecting_takes_its_time_and_its_outcome_is_asked_for() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DirectSocket good = DirectSocket.tcp(loopback(0));
        DirectSocket bad = DirectSocket.tcp(loopback(0))) {
      assertEquals(Transfer.WOULD_BLOCK, good.connect(loopback(server.getLocalPort())));
      assertEquals(0, good.takeError());
      assertEquals(server.getLocalPort(), good.peerName().port());
      assertEquals(Transfer.WOULD_BLOCK, bad.connect(loopback(1)));
      assertEquals(Errno.ECONNREFUSED, bad.takeError());
      assertEquals(0, bad.takeError());
    }
  }

  @Test
  void a_reset_is_heard_as_one() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      DirectSocket client = DirectSocket.tcp(loopback(0));
      client.connect(loopback(server.getLocalPort()));
      try (Socket accepted = server.accept()) {
        client.reset();
        assertThrows(SocketException.class, () -> accepted.getInputStream().read());
      }
      assertFalse(client.isOpen());
    }
  }

  @Test
  void a_listener_gives_connections_and_their_peers() throws Exception {
    StreamSocket listening = StreamSocket.open(SocketName.AF_INET);
    listening.bind(new SocketName.Inet(InetAddress.getLoopbackAddress(), 0));
    listening.listen(1);
    int port = ((SocketName.Inet) listening.localName()).port();
    try (DirectSocket listener = DirectSocket.adopt(listening);
        Socket client = new Socket()) {
      assertNull(listener.accept());
      assertEquals(Errno.EAGAIN, listener.errno());
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      try (DirectSocket accepted = listener.accept()) {
        assertNotNull(accepted);
        assertTrue(accepted.peerName().is(0, LOOPBACK, client.getLocalPort()));
      }
    }
  }

  @Test
  void datagrams_come_in_batches_with_their_senders_and_what_is_long_in_two_parts()
      throws Exception {
    DirectSocket[] pair = udpPair();
    try (DirectSocket one = pair[0];
        DirectSocket other = pair[1]) {
      List<Integer> sizes = List.of(0, 1, 100, 101, 60_000);
      for (int size : sizes) {
        assertEquals(Transfer.MOVED, one.send(bytes(size, size)));
      }
      DatagramBatch batch = new DatagramBatch();
      ByteBuffer front = ByteBuffer.allocateDirect(DatagramBatch.MOST * 100);
      for (int i = 0; i < DatagramBatch.MOST; i++) {
        batch.arm(i, front, i * 100, 100);
      }
      awaitReadable(other);
      assertEquals(5, batch.receive(other, DatagramBatch.MOST));
      for (int i = 0; i < 5; i++) {
        assertEquals(sizes.get(i), batch.length(i));
        assertTrue(batch.sender(i).is(0, LOOPBACK, one.localName().port()));
        assertEquals(0, batch.ttl(i, 0));
      }
      assertEquals((byte) 101, front.get(300));
      ByteBuffer rest = ByteBuffer.allocate(60_000);
      batch.copyRest(4, rest, 100, 59_900);
      assertEquals((byte) (60_000 + 100), rest.get(100));
      assertEquals((byte) (60_000 + 59_999), rest.get(59_999));
      assertEquals(0, batch.receive(other, DatagramBatch.MOST));
    }
  }

  @Test
  void a_refused_datagram_waits_in_the_error_queue_with_its_speaker() throws Exception {
    try (DirectSocket socket = DirectSocket.udp(loopback(0))) {
      InetName nobody = loopback(1);
      socket.setErrorQueue(nobody, true);
      socket.connect(nobody);
      ErrorQueue queue = new ErrorQueue();
      assertFalse(queue.next(socket));
      socket.send(bytes(10, 0));
      Await.until("an error", () -> queue.next(socket));
      assertEquals(Errno.ECONNREFUSED, queue.errno());
      assertTrue(queue.isIcmp() && queue.isFromNetwork());
      assertEquals("3/3", queue.type() + "/" + queue.code());
      assertTrue(queue.offender().is(0, LOOPBACK, 0));
      assertFalse(queue.next(socket));
      // The queue's end has cleared the socket's own error as well.
      assertEquals(0, socket.takeError());
    }
  }

  @Test
  void what_is_too_long_for_the_path_says_how_long_it_may_be() throws Exception {
    try (DirectSocket socket = DirectSocket.udp(loopback(0))) {
      InetName nobody = loopback(1);
      socket.setErrorQueue(nobody, true);
      socket.setPathMtu(DirectSocket.PathMtu.DO);
      socket.connect(nobody);
      assertEquals(Transfer.FAILED, socket.send(ByteBuffer.allocateDirect(65_530)));
      assertEquals(Errno.EMSGSIZE, socket.errno());
    }
  }

  @Test
  void a_head_goes_before_the_payload_and_a_name_where_it_leads() throws Exception {
    DirectSocket[] pair = udpPair();
    try (DirectSocket one = pair[0];
        DirectSocket other = pair[1];
        DirectSocket third = DirectSocket.udp(loopback(0))) {
      OutgoingMessage message = new OutgoingMessage();
      message.head().putInt(0, 0x01020304);
      ByteBuffer payload = bytes(10, 5);
      assertEquals(Transfer.MOVED, message.sendAfterHead(one, 4, payload));
      assertFalse(payload.hasRemaining());
      awaitReadable(other);
      ByteBuffer into = ByteBuffer.allocateDirect(100);
      other.receive(into);
      assertEquals(14, into.position());
      assertEquals(0x0102030405060708L, into.getLong(0));
      third.bind(loopback(0));
      DirectSocket loose = DirectSocket.udp(loopback(0));
      try (loose) {
        message.sendTo(loose, loopback(third.localName().port()), bytes(3, 0).position(1));
        awaitReadable(third);
        third.receive(into.clear());
        assertEquals(2, into.position());
      }
    }
  }

  @Test
  void names_hold_both_families() {
    InetName name = new InetName().set(0, 0xffff_c000_0201L, 53);
    assertEquals(SocketName.AF_INET, name.family());
    assertTrue(name.is(0, 0xffff_c000_0201L, 53));
    name.set(0x2001_0db8_0000_0000L, 0x8000_0000_0000_0001L, 0xffff, 7);
    assertEquals(SocketName.AF_INET6, name.family());
    assertTrue(name.is(0x2001_0db8_0000_0000L, 0x8000_0000_0000_0001L, 0xffff));
    assertFalse(name.is(0x2001_0db8_0000_0000L, 0x8000_0000_0000_0001L, 1));
    assertFalse(new InetName().isInet());
  }

  @Test
  void moving_datagrams_makes_no_objects() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    DirectSocket[] pair = udpPair();
    try (DirectSocket one = pair[0];
        DirectSocket other = pair[1]) {
      DatagramBatch batch = new DatagramBatch();
      ByteBuffer buffer = ByteBuffer.allocateDirect(2048);
      pingPong(one, other, batch, buffer, 3_000);
      long before = threads.getCurrentThreadAllocatedBytes();
      int rounds = 10_000;
      assertEquals(rounds, pingPong(one, other, batch, buffer, rounds));
      long made = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(made < rounds, made + " bytes for " + rounds + " rounds");
    }
  }

  /** There in one way and back in the other; how many came back. */
  private static int pingPong(
      DirectSocket one, DirectSocket other, DatagramBatch batch, ByteBuffer buffer, int rounds) {
    int back = 0;
    for (int i = 0; i < rounds; i++) {
      one.setTtl(30 + i % 2);
      one.send(buffer.clear().limit(1000));
      batch.arm(0, buffer, 0, 2048);
      int came = batch.receive(other, 1);
      if (came == 1 && batch.sender(0).isInet()) {
        other.send(buffer.clear().limit(batch.length(0)));
      }
      back += one.receive(buffer.clear()) == Transfer.MOVED ? 1 : 0;
    }
    return back;
  }
}
