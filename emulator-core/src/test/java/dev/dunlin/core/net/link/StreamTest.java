package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stream links on this host's loopback, joined by a hub: what goes in at one comes out at others.
 */
@NoLeaks
@Timeout(60)
class StreamTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir Path temp;

  /** One wire of bytes as a peer has it. */
  private static final class Wire implements AutoCloseable {
    private final AutoCloseable connection;
    private final DataInputStream in;
    private final DataOutputStream out;

    private Wire(AutoCloseable connection, DataInputStream in, DataOutputStream out) {
      this.connection = connection;
      this.in = in;
      this.out = out;
    }

    static Wire to(Path socket) throws IOException {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new Wire(
          channel,
          new DataInputStream(Channels.newInputStream(channel)),
          new DataOutputStream(Channels.newOutputStream(channel)));
    }

    static Wire over(Socket socket) throws IOException {
      socket.setSoTimeout(30_000);
      return new Wire(
          socket,
          new DataInputStream(socket.getInputStream()),
          new DataOutputStream(socket.getOutputStream()));
    }

    void send(byte[] frame) throws IOException {
      out.writeInt(frame.length);
      out.write(frame);
      out.flush();
    }

    byte[] receive() throws IOException {
      return in.readNBytes(in.readInt());
    }

    /** Waits for the other side's end of the connection. */
    void awaitEnd() throws IOException {
      try {
        while (true) {
          receive();
        }
      } catch (EOFException end) {
        // As awaited.
      }
    }

    @Override
    public void close() throws Exception {
      connection.close();
    }
  }

  private static byte[] frame(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private RunningNetworks twoServers() throws Exception {
    return RunningNetworks.start(
        "-netdev stream,id=a,server=on,addr.type=unix,addr.path=" + temp.resolve("a"),
        "-netdev stream,id=b,server=on,addr.type=unix,addr.path=" + temp.resolve("b"),
        "-netdev hubport,id=pa,hubid=0,netdev=a -netdev hubport,id=pb,hubid=0,netdev=b");
  }

  private Wire connect(RunningNetworks networks, String name) throws IOException {
    Wire wire = Wire.to(temp.resolve(name));
    networks.awaitInfo(name + ": index=0,type=stream,unix:" + temp.resolve(name) + "\n");
    return wire;
  }

  @Test
  void frames_of_every_length_come_out_of_the_hub_as_they_went_in() throws Exception {
    try (RunningNetworks networks = twoServers();
        Wire a = connect(networks, "a");
        Wire b = connect(networks, "b")) {
      for (int length : new int[] {1, 14, 60, 1514, 1888, 1889, 9014, 65_535, 65_792}) {
        a.send(frame(length, length));
        assertArrayEquals(frame(length, length), b.receive(), "length " + length);
        b.send(frame(-length, length));
        assertArrayEquals(frame(-length, length), a.receive(), "length " + length);
      }
    }
  }

  @Test
  void a_burst_in_one_write_and_a_frame_in_many_writes_arrive_whole_and_in_order()
      throws Exception {
    try (RunningNetworks networks = twoServers();
        Wire a = connect(networks, "a");
        Wire b = connect(networks, "b")) {
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 500; i++) {
                    a.out.writeInt(60 + i);
                    a.out.write(frame(i, 60 + i));
                  }
                  a.out.writeInt(3000);
                  for (byte each : frame(7, 3000)) {
                    a.out.write(each);
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      sender.start();
      for (int i = 0; i < 500; i++) {
        assertArrayEquals(frame(i, 60 + i), b.receive());
      }
      assertArrayEquals(frame(7, 3000), b.receive());
      sender.join();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 65_793, Integer.MAX_VALUE})
  void a_hostile_length_ends_the_connection_and_the_next_client_is_served(int length)
      throws Exception {
    try (RunningNetworks networks = twoServers();
        Wire b = connect(networks, "b")) {
      try (Wire hostile = connect(networks, "a")) {
        hostile.send(frame(1, 100));
        hostile.out.writeInt(length);
        hostile.out.write(frame(2, 100));
        hostile.awaitEnd();
      } catch (IOException reset) {
        // Bytes that nobody read reset a connection.
      }
      assertArrayEquals(frame(1, 100), b.receive(), "what came before was good");
      try (Wire next = connect(networks, "a")) {
        next.send(frame(3, 100));
        assertArrayEquals(frame(3, 100), b.receive());
      }
    }
  }

  @Test
  void a_peer_that_leaves_in_the_middle_of_a_frame_leaves_nothing_behind() throws Exception {
    try (RunningNetworks networks = twoServers();
        Wire b = connect(networks, "b")) {
      for (int sent : new int[] {1, 3, 4, 50}) {
        try (Wire a = connect(networks, "a")) {
          byte[] header = {0, 0, 0, 100};
          a.out.write(header, 0, Math.min(sent, 4));
          a.out.write(frame(0, Math.max(0, sent - 4)));
        }
        networks.awaitInfo("a: index=0,type=stream,\n");
      }
      try (Wire a = connect(networks, "a")) {
        a.send(frame(9, 99));
        assertArrayEquals(frame(9, 99), b.receive());
      }
    }
  }

  @Test
  void one_client_at_a_time_the_next_when_the_first_has_left() throws Exception {
    try (RunningNetworks networks = twoServers();
        Wire b = connect(networks, "b");
        Wire first = connect(networks, "a");
        Wire second = Wire.to(temp.resolve("a"))) {
      second.send(frame(2, 64));
      first.send(frame(1, 64));
      assertArrayEquals(frame(1, 64), b.receive());
      first.close();
      assertArrayEquals(frame(2, 64), b.receive());
    }
  }

  @Test
  void a_peer_that_reads_nothing_costs_frames_and_not_memory() throws Exception {
    try (RunningNetworks networks = twoServers();
        Wire a = connect(networks, "a");
        Wire b = connect(networks, "b")) {
      byte[] large = frame(1, 60_000);
      for (int i = 0; i < 200; i++) {
        a.send(large);
      }
      // All 12 MB were taken though b reads nothing: the sender isn't held up. The wire then holds
      // the first of them whole, and none cut.
      a.send(frame(2, 64));
      assertArrayEquals(large, b.receive());
      int received = 1;
      for (byte[] next = b.receive(); next.length != 64; next = b.receive()) {
        assertTrue(Arrays.equals(large, next), "a frame was cut");
        received++;
      }
      assertTrue(received < 200, "some were dropped: " + received);
    }
  }

  @Test
  void a_client_connects_again_after_the_time_that_was_asked_for() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, LOOPBACK);
        RunningNetworks networks =
            RunningNetworks.start(
                "-netdev stream,id=c,addr.type=inet,addr.host=127.0.0.1,reconnect-ms=20,addr.port="
                    + server.getLocalPort())) {
      for (int i = 0; i < 3; i++) {
        try (Wire wire = Wire.over(server.accept())) {
          networks.awaitInfo("c: index=0,type=stream,tcp:127.0.0.1:" + server.getLocalPort());
          assertEquals(
              Map.of("netdev-id", "c"),
              i == 0
                  ? Map.of("netdev-id", "c")
                  : networks
                      .qmp()
                      .awaitEvent("NETDEV_STREAM_DISCONNECTED", e -> true, Await.GENEROUS)
                      .get("data"));
        }
      }
    }
  }

  @Test
  void a_client_without_a_server_says_so_and_does_not_keep_the_machine_from_starting()
      throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(LOOPBACK, 0));
      port = taken.getLocalPort();
    }
    try (RunningNetworks networks =
        RunningNetworks.start(
            "-netdev stream,id=c,addr.type=inet,addr.host=127.0.0.1,addr.port=" + port,
            "-netdev stream,id=d,addr.type=unix,addr.path=/nonexistent/x",
            "-netdev stream,id=e,server=on,addr.type=unix,addr.path=/nonexistent/x")) {
      for (String name : new String[] {"c", "d", "e"}) {
        networks.awaitInfo(name + ": index=0,type=stream,connection error\n");
      }
    }
  }

  @Test
  void backends_that_are_added_and_deleted_while_it_runs_carry_frames_between_threads()
      throws Exception {
    try (RunningNetworks networks = RunningNetworks.start("-nic none")) {
      for (int round = 0; round < 2; round++) {
        for (String name : new String[] {"a", "b"}) {
          Map<String, Object> address =
              Map.of("type", "unix", "path", temp.resolve(name).toString());
          networks
              .qmp()
              .execute(
                  "netdev_add",
                  Map.of("type", "stream", "id", name, "server", true, "addr", address));
          networks.qmp().human("netdev_add hubport,id=p" + name + ",hubid=3,netdev=" + name);
        }
        try (Wire a = connect(networks, "a");
            Wire b = connect(networks, "b")) {
          for (int i = 0; i < 300; i++) {
            a.send(frame(i, 100 + 7 * i));
            assertArrayEquals(frame(i, 100 + 7 * i), b.receive());
          }
          networks.qmp().execute("netdev_del", Map.of("id", "pa"));
          networks.qmp().execute("netdev_del", Map.of("id", "a"));
          a.awaitEnd();
          networks.qmp().execute("netdev_del", Map.of("id", "b"));
          networks.qmp().execute("netdev_del", Map.of("id", "pb"));
          b.awaitEnd();
        }
      }
      assertEquals("", networks.info().replaceAll("hub \\d+\n", ""));
    }
  }
}
