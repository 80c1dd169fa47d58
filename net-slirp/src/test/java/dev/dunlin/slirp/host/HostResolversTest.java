package dev.dunlin.slirp.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.slirp.service.ResolverTransport;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Questions to real sockets of the loopback. */
@NoLeaks
class HostResolversTest implements ResolverTransport.Listener {
  private static final byte[] QUESTION = {1, 2, 3};

  private final List<byte[]> answers = new CopyOnWriteArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private HostThread loop;
  private HostResolvers resolvers;

  @BeforeEach
  void open() throws Exception {
    loop = HostThread.start();
    resolvers = new HostResolvers(loop.host, new SecureRandom());
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  @Override
  public void answered(byte[] message, long now) {
    answers.add(message);
  }

  @Override
  public void failed(long now) {
    failures.add("failed");
  }

  private static Resolver at(int port) {
    return new Resolver(IpAddr.LOOPBACK_V4, "", port);
  }

  @Test
  void each_question_comes_from_a_port_of_its_own_and_only_its_resolver_answers() throws Exception {
    Set<Integer> ports = new HashSet<>();
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 8; i++) {
        ResolverTransport.Exchange exchange =
            loop.call(() -> resolvers.udp(at(server.getLocalPort()), QUESTION, this));
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        server.receive(packet);
        assertEquals(QUESTION.length, packet.getLength());
        ports.add(packet.getPort());
        stranger.send(new DatagramPacket(new byte[] {66}, 1, packet.getSocketAddress()));
        server.send(new DatagramPacket(new byte[] {(byte) i}, 1, packet.getSocketAddress()));
        int expected = i + 1;
        Await.until("an answer", () -> answers.size() == expected);
        loop.run(exchange::close);
      }
    }
    assertEquals(8, ports.size());
    for (int i = 0; i < 8; i++) {
      assertArrayEquals(new byte[] {(byte) i}, answers.get(i));
    }
  }

  @Test
  void a_resolver_that_is_not_there_fails_at_once() throws Exception {
    loop.call(() -> resolvers.udp(at(1), QUESTION, this));
    Await.until("a failure", () -> failures.size() == 1);
    loop.call(() -> resolvers.tcp(at(1), QUESTION, this));
    Await.until("another", () -> failures.size() == 2);
  }

  @Test
  void a_closed_exchange_says_nothing() throws Exception {
    loop.run(() -> resolvers.udp(at(1), QUESTION, this).close());
    loop.run(() -> resolvers.tcp(at(1), QUESTION, this).close());
    loop.run(() -> {});
    assertEquals(List.of(), failures);
  }

  @Test
  void over_tcp_lengths_go_before_messages_and_answers_come_in_pieces() throws Exception {
    byte[] answer = Packets.noise(40_000, 1);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      loop.call(() -> resolvers.tcp(at(server.getLocalPort()), QUESTION, this));
      try (Socket socket = server.accept()) {
        socket.setTcpNoDelay(true);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        assertEquals(QUESTION.length, in.readUnsignedShort());
        assertArrayEquals(QUESTION, in.readNBytes(QUESTION.length));
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(answer.length);
        out.write(answer, 0, 10);
        out.write(answer, 10, answer.length - 10);
        Await.until("the answer", () -> answers.size() == 1);
      }
    }
    assertArrayEquals(answer, answers.get(0));
    assertTrue(failures.isEmpty());
  }

  @Test
  void a_connection_that_ends_before_its_answer_has_failed() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      loop.call(() -> resolvers.tcp(at(server.getLocalPort()), QUESTION, this));
      try (Socket socket = server.accept()) {
        new DataOutputStream(socket.getOutputStream()).writeShort(100);
      }
      Await.until("a failure", () -> failures.size() == 1);
    }
    assertTrue(answers.isEmpty());
  }
}
