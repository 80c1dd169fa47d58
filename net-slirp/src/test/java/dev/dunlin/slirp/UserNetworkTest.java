package dev.dunlin.slirp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.slirp.address.Ipv6Address;
import dev.dunlin.slirp.forward.ForwardSelector;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.forward.HostForwardRule;
import dev.dunlin.slirp.smb.SmbOptions;
import dev.dunlin.slirp.smb.UncheckedShares;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.LeakCheck;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sockets on the loopback, at ports that the kernel picks. */
@NoLeaks
class UserNetworkTest {

  /** The first sockets and selectors make the JVM open some descriptors that it keeps. */
  @BeforeAll
  static void let_the_jvm_open_its_own() throws Exception {
    LeakCheck.begin().left();
    UserNetwork network = network("hostfwd=tcp:127.0.0.1:0-:1,hostfwd=udp:127.0.0.1:0-:1");
    join(network.start());
    connectionIsReset(port(network.forwards().get(1)));
    join(network.stop());
  }

  @Test
  void a_connection_to_a_forwarded_port_is_reset_and_counted() throws Exception {
    UserNetwork network = network("hostfwd=tcp:127.0.0.1:0-:22");
    join(network.start());
    HostForward forward = network.forwards().get(0);
    for (int i = 0; i < 3; i++) {
      connectionIsReset(port(forward));
    }
    Await.until("three resets", () -> forward.refused() == 3);
    join(network.stop());
  }

  @Test
  void datagrams_to_a_forwarded_port_are_dropped_and_counted() throws Exception {
    UserNetwork network = network("hostfwd=udp:127.0.0.1:0-:53");
    join(network.start());
    HostForward forward = network.forwards().get(0);
    try (DatagramSocket client = new DatagramSocket()) {
      for (int length : List.of(0, 1, 9000)) {
        client.send(
            new DatagramPacket(
                new byte[length], length, InetAddress.getLoopbackAddress(), port(forward)));
      }
    }
    Await.until("three datagrams", () -> forward.refused() == 3);
    join(network.stop());
  }

  @Test
  void a_port_that_is_taken_fails_the_start_and_leaves_nothing_open() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String rule = "tcp:127.0.0.1:" + taken.getLocalPort() + "-:22";
      UserNetwork network = network("hostfwd=tcp:127.0.0.1:0-:1,hostfwd=" + rule);
      assertEquals(
          "Could not set up host forwarding rule '" + rule + "'", failure(network.start()));
      assertEquals(List.of(), network.forwards());
    }
  }

  @Test
  void an_address_that_is_not_the_hosts_own_cannot_be_bound() throws Exception {
    UserNetwork network = network("hostfwd=udp:192.0.2.1:0-:22");
    assertEquals(
        "Could not set up host forwarding rule 'udp:192.0.2.1:0-:22'", failure(network.start()));
  }

  @Test
  void a_range_is_bound_whole_or_not_at_all() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      UserNetwork network = network("");
      join(network.start());
      String rule = "tcp:127.0.0.1:" + (port - 1) + ".." + port + "-:1..2";
      assertEquals(
          "Could not set up host forwarding rule '" + rule + "'",
          failure(network.addForward(HostForwardRule.parse(rule))));
      assertEquals(List.of(), network.forwards());
      join(network.stop());
    }
  }

  @Test
  void a_removed_forward_frees_its_port_at_once() throws Exception {
    UserNetwork network = network("hostfwd=tcp:127.0.0.1:0-:22");
    join(network.start());
    int port = port(network.forwards().get(0));
    for (int i = 0; i < 20; i++) {
      assertTrue(remove(network, "tcp:127.0.0.1:" + port));
      assertFalse(remove(network, "tcp:127.0.0.1:" + port));
      join(network.addForward(HostForwardRule.parse("tcp:127.0.0.1:" + port + "-:22")));
    }
    assertEquals(1, network.forwards().size());
    join(network.stop());
  }

  /** Closing a socket looks at the selector, which once ate the wake-up that said stop. */
  @Test
  void a_network_stops_however_its_wakeups_fall() throws Exception {
    for (int i = 0; i < 300; i++) {
      UserNetwork network = network("hostfwd=tcp:127.0.0.1:0-:22,hostfwd=udp:127.0.0.1:0-:22");
      join(network.start());
      network.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void only_what_is_named_is_removed() throws Exception {
    UserNetwork network = network("hostfwd=tcp:127.0.0.1:0-:22");
    join(network.start());
    int port = port(network.forwards().get(0));
    assertFalse(remove(network, "udp:127.0.0.1:" + port));
    assertFalse(remove(network, "tcp::" + port));
    assertFalse(remove(network, "tcp:[::1]:" + port));
    assertTrue(remove(network, ":127.0.0.1:" + (port - 1) + ".." + port));
    join(network.stop());
  }

  @Test
  void an_ipv6_address_is_served_as_well() throws Exception {
    UserNetwork network = network("hostfwd=tcp:[::1]:0-:22");
    join(network.start());
    HostForward forward = network.forwards().get(0);
    assertThrows(
        SocketException.class,
        () -> {
          try (Socket socket =
              new Socket(Ipv6Address.parse("::1").orElseThrow().toInetAddress(), port(forward))) {
            socket.getInputStream().read();
          }
        });
    join(network.stop());
  }

  @Test
  void a_unix_forward_replaces_a_dead_socket_and_removes_its_own(@TempDir Path directory)
      throws Exception {
    Path path = directory.resolve("my-socket");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    UserNetwork network = network("hostfwd=unix:" + path + "-:22");
    join(network.start());
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      assertEquals(-1, client.read(ByteBuffer.allocate(1)));
    }
    join(network.stop());
    assertFalse(Files.exists(path));
  }

  @Test
  void a_unix_forward_touches_neither_a_live_socket_nor_a_file(@TempDir Path directory)
      throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "mine", UTF_8);
    assertTrue(
        failure(network("hostfwd=unix:" + file + "-:22").start()).startsWith("Could not set up"));
    assertEquals("mine", Files.readString(file, UTF_8));
    Path path = directory.resolve("live");
    try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      live.bind(UnixDomainSocketAddress.of(path));
      assertTrue(
          failure(network("hostfwd=unix:" + path + "-:22").start()).startsWith("Could not set up"));
      assertTrue(Files.exists(path));
    }
  }

  @Test
  void a_network_without_forwards_needs_no_thread() throws Exception {
    UserNetwork network = network("");
    try (LeakCheck nothing = LeakCheck.begin()) {
      join(network.start());
      assertEquals(List.of(), nothing.left());
    }
    join(network.stop());
  }

  private static UserNetwork network(String options) throws OptionException {
    SlirpConfig config =
        SlirpConfigReader.read(
            KeyValueList.parse(options), new SmbOptions(new UncheckedShares(), Map.of()));
    Clock clock = Clock.system();
    StackEnvironments host = StackEnvironments.ofHost(clock);
    return new UserNetwork("u", config, clock, host, stopped -> {});
  }

  private static int port(HostForward forward) {
    HostEndpoint at = forward.endpoint();
    InetSocketAddress address =
        at instanceof HostEndpoint.Tcp tcp ? tcp.address() : ((HostEndpoint.Udp) at).address();
    return address.getPort();
  }

  /** The reset may come while connecting, or when something is read. */
  private static void connectionIsReset(int port) {
    IOException reset =
        assertThrows(
            IOException.class,
            () -> {
              try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertEquals("a reset", "end of stream " + socket.getInputStream().read());
              }
            });
    assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.toString());
  }

  private static boolean remove(UserNetwork network, String text) throws Exception {
    return network
        .removeForward(ForwardSelector.parse(text).orElseThrow())
        .toCompletableFuture()
        .get();
  }

  private static void join(CompletionStage<Void> stage) {
    stage.toCompletableFuture().join();
  }

  private static String failure(CompletionStage<Void> stage) {
    CompletionException thrown =
        assertThrows(CompletionException.class, () -> stage.toCompletableFuture().join());
    return thrown.getCause() == null ? "" : String.valueOf(thrown.getCause().getMessage());
  }
}
