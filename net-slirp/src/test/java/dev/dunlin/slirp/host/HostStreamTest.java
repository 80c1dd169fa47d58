package dev.dunlin.slirp.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams to real sockets of the loopback. */
@NoLeaks
class HostStreamTest implements HostStream.Listener {
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
  private HostThread loop;
  private ServerSocket server;
  private volatile boolean taking;
  private HostStream stream;

  @BeforeEach
  void open() throws Exception {
    loop = HostThread.start();
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    stream = connect(server.getLocalPort());
  }

  private HostStream connect(int port) throws Exception {
    return loop.call(() -> HostStream.connect(loop.host, IpAddr.LOOPBACK_V4, port, this));
  }

  @AfterEach
  void close() throws Exception {
    loop.run(stream::close);
    server.close();
    loop.close();
  }

  @Override
  public void connected(long now) {
    heard.add("connected");
  }

  @Override
  public void failed(HostFailure failure, long now) {
    heard.add("failed " + failure.error());
  }

  @Override
  public void readable(long now) {
    if (taking) {
      int count = stream.read(buffer.clear(), now);
      if (stream.takeEnd()) {
        heard.add(count + " bytes and the end");
      }
      return;
    }
    while (stream.read(buffer.clear(), now) > 0) {
      byte[] bytes = new byte[buffer.flip().remaining()];
      buffer.get(bytes);
      received.writeBytes(bytes);
    }
  }

  @Override
  public void writable(long now) {
    heard.add("writable");
  }

  @Override
  public void ended(long now) {
    heard.add("ended");
  }

  @Override
  public void reset(long now) {
    heard.add("reset");
  }

  private Socket accepted() throws IOException {
    Socket socket = server.accept();
    Await.until("the connection", () -> heard.contains("connected"));
    return socket;
  }

  private void awaitHeard(String... events) {
    Await.until(List.of(events) + " and not " + heard, () -> heard.equals(List.of(events)));
  }

  private int write(byte[] bytes) throws Exception {
    return loop.call(
        () -> stream.write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), 0));
  }

  @Test
  void both_directions_carry_bytes_and_end_by_themselves() throws Exception {
    try (Socket peer = accepted()) {
      assertEquals(5, write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
      loop.run(() -> stream.shutdownOutput(0));
      assertEquals("hello", new String(peer.getInputStream().readAllBytes(), "US-ASCII"));
      peer.getOutputStream().write("answer".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      loop.run(() -> stream.wantRead(true));
      peer.shutdownOutput();
      awaitHeard("connected", "ended");
      assertEquals("answer", received.toString("US-ASCII"));
      loopIsQuiet();
    }
  }

  /** A descriptor that is ready for ever, and asked for, would turn the loop for ever. */
  private void loopIsQuiet() throws Exception {
    loop.run(() -> {});
    long before = loop.turns;
    for (int i = 0; i < 100; i++) {
      loop.run(() -> {});
    }
    assertTrue(loop.turns - before <= 250, () -> loop.turns - before + " turns");
  }

  @Test
  void what_nobody_reads_stays_with_the_peer() throws Exception {
    byte[] sent = Packets.noise(20_000_000, 3);
    try (Socket peer = accepted()) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  peer.getOutputStream().write(sent);
                  peer.shutdownOutput();
                } catch (IOException e) {
                  heard.add(e.toString());
                }
              });
      writer.start();
      Await.until("a writer that waits", () -> writer.getState() == Thread.State.RUNNABLE);
      loopIsQuiet();
      assertEquals(0, received.size());
      loop.run(() -> stream.wantRead(true));
      awaitHeard("connected", "ended");
      writer.join();
      assertArrayEquals(sent, received.toByteArray());
    }
  }

  @Test
  void a_short_write_is_followed_by_room() throws Exception {
    byte[] block = Packets.noise(1_000_000, 4);
    try (Socket peer = accepted()) {
      long taken = 0;
      int once = write(block);
      while (once == block.length) {
        taken += once;
        once = write(block);
      }
      long total = taken + once;
      loopIsQuiet();
      assertEquals(List.of("connected"), heard);
      assertEquals(total, peer.getInputStream().readNBytes((int) total).length);
      awaitHeard("connected", "writable");
      loopIsQuiet();
    }
  }

  @Test
  void a_reset_is_told_even_to_one_who_reads_nothing() throws Exception {
    try (Socket peer = accepted()) {
      peer.setSoLinger(true, 0);
    }
    awaitHeard("connected", "reset");
    assertEquals(0, write(new byte[10]));
    loopIsQuiet();
  }

  @Test
  void a_reset_of_ours_is_one_for_the_peer() throws Exception {
    try (Socket peer = accepted()) {
      loop.run(() -> stream.reset(0));
      assertThrows(SocketException.class, () -> peer.getInputStream().read());
    }
    assertEquals(List.of("connected"), heard);
  }

  @Test
  void an_end_that_nobody_reads_turns_no_loop() throws Exception {
    try (Socket peer = accepted()) {
      loop.run(() -> stream.shutdownOutput(0));
      peer.shutdownOutput();
      Await.until("the hang-up", () -> peer.getInputStream().read() < 0);
      loopIsQuiet();
      loop.run(() -> stream.wantRead(true));
      awaitHeard("connected", "ended");
    }
  }

  private HostStream connectAtOnce(int port) throws Exception {
    return loop.call(
        () -> HostStream.connectAtOnce(loop.host, IpAddr.LOOPBACK_V4, port, this, loop.host.now()));
  }

  @Test
  void a_server_of_loopbacks_stands_at_once_and_is_not_watched_before_it_is_read()
      throws Exception {
    accepted().close();
    loop.run(stream::close);
    heard.clear();
    stream = connectAtOnce(server.getLocalPort());
    assertEquals(List.of("connected"), heard);
    try (Socket peer = server.accept()) {
      peer.setSoLinger(true, 0);
    }
    loopIsQuiet();
    assertEquals(List.of("connected"), heard);
    loop.run(() -> stream.wantRead(true));
    awaitHeard("connected", "reset");
  }

  @Test
  void nobody_there_is_refused_by_the_loops_next_turn() throws Exception {
    accepted().close();
    loop.run(stream::close);
    heard.clear();
    server.close();
    stream = connectAtOnce(server.getLocalPort());
    awaitHeard("failed PORT_UNREACHABLE");
  }

  /** One segment to the guest instead of two, and one turn. */
  @Test
  void the_end_is_found_with_the_last_bytes_when_both_are_there() throws Exception {
    try (Socket peer = accepted()) {
      peer.getOutputStream().write(new byte[] {1, 2, 3});
      peer.shutdownOutput();
      Await.until("the end", this::isEndThere);
      taking = true;
      loop.run(() -> stream.wantRead(true));
      awaitHeard("connected", "3 bytes and the end");
      loopIsQuiet();
      assertEquals(5, write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
      loop.run(() -> stream.close());
      assertEquals("hello", new String(peer.getInputStream().readAllBytes(), "US-ASCII"));
    }
  }

  /** Whether the kernel has the peer's FIN: CLOSE_WAIT in proc(5)'s table. */
  private boolean isEndThere() throws IOException {
    String toServer = String.format("0100007F:%04X 08", server.getLocalPort());
    return Files.readString(Path.of("/proc/net/tcp")).contains(toServer);
  }

  @Test
  void nobody_there_is_refused() throws Exception {
    awaitHeard("connected");
    int port = server.getLocalPort();
    loop.run(stream::close);
    server.close();
    stream = connect(port);
    awaitHeard("connected", "failed PORT_UNREACHABLE");
  }

  @Test
  void an_address_that_cannot_be_reached_at_all_fails_the_same_way() throws Exception {
    awaitHeard("connected");
    loop.run(stream::close);
    // Broadcast: no TCP goes there.
    stream =
        loop.call(() -> HostStream.connect(loop.host, IpAddr.parse("255.255.255.255"), 1, this));
    Await.until("a failure", () -> heard.get(heard.size() - 1).startsWith("failed"));
  }

  @Test
  void nothing_is_told_after_a_close() throws Exception {
    try (Socket peer = accepted()) {
      loop.run(
          () -> {
            stream.wantRead(true);
            stream.close();
          });
      assertEquals(-1, peer.getInputStream().read());
      loopIsQuiet();
      assertEquals(List.of("connected"), heard);
    }
  }
}
