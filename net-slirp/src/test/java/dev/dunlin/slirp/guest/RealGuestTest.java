package dev.dunlin.slirp.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.TestNetworks;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients of a real kernel against the whole network, and real servers behind it. */
@NoLeaks
@RequiresPeer({"ip", "sysctl", "ping"})
class RealGuestTest {
  private static final List<Resolver> NOBODY = List.of();
  private static final int CURL_TFTP_NOT_FOUND = 68;
  private static final String ROUTER = GuestLab.ROUTER;

  @Test
  void a_guest_pings_the_gateway() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress()) {
      String said = lab.guest.run("ping", "-c", "3", "-i", "0.01", "-W", "5", "10.0.2.2");
      assertTrue(said.contains("3 received"), said);
    }
  }

  @Test
  void datagrams_of_every_size_come_back_whole() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress();
        EchoServer echo = EchoServer.start(lab.host, "127.0.0.1", 0, UnaryOperator.identity());
        DatagramSocket client = client(lab.guest)) {
      // Not connected: then the JDK (17) doesn't send what is empty.
      InetSocketAddress to = new InetSocketAddress("10.0.2.2", echo.port());
      for (int size : new int[] {0, 1, 1472, 1473, 1888, 1889, 9_000, 60_000}) {
        byte[] sent = Packets.noise(size, size);
        client.send(new DatagramPacket(sent, size, to));
        assertArrayEquals(sent, receive(client), () -> size + " bytes");
      }
    }
  }

  @Test
  void an_echo_of_the_outside_is_answered_by_the_outside() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress()) {
      lab.allowEchoSockets();
      String said = ping(lab, ROUTER, 64).stdout();
      // One hop to us, and the reply's 64 as the router sent it.
      assertTrue(said.contains("from " + ROUTER + ": icmp_seq=1 ttl=64"), said);
      assertTrue(TestNetworks.info(lab.network).contains("  ICMP["), "shown");
    }
  }

  @Test
  void a_host_that_forbids_echo_sockets_has_the_guest_told_so() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress()) {
      lab.host.run("sysctl", "-q", "-w", "net.ipv4.ping_group_range=1 0");
      String said = ping(lab, ROUTER, 64).stdout();
      assertTrue(said.contains("From 10.0.2.2 icmp_seq=1 Packet filtered"), said);
    }
  }

  @Test
  void errors_of_routers_reach_the_guest_with_the_routers_own_address() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress()) {
      lab.allowEchoSockets();
      String from = "From " + ROUTER + " icmp_seq=1 ";
      assertContains(
          ping(lab, "203.0.113.200", 64).stdout(), from + "Destination Host Unreachable");
      assertContains(ping(lab, "192.0.2.1", 64).stdout(), from + "Packet filtered");
      assertContains(ping(lab, "203.0.113.65", 2).stdout(), from + "Time to live exceeded");
      // The first hop is the network itself.
      assertContains(
          ping(lab, ROUTER, 1).stdout(), "From 10.0.2.2 icmp_seq=1 Time to live exceeded");
    }
  }

  private static ChildProcess.Result ping(GuestLab lab, String to, int ttl) {
    return lab.guest.attempt("ping", "-n", "-c", "1", "-W", "5", "-t", "" + ttl, to);
  }

  @Test
  void a_path_with_a_smaller_mtu_is_told_to_the_guest() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress();
        DatagramSocket client = client(lab.guest)) {
      client.connect(new InetSocketAddress("203.0.113.9", 9));
      // A kernel that discovers path MTUs sets DF; the error names the MTU, which it remembers.
      client.send(new DatagramPacket(new byte[1400], 1400));
      Await.until(
          "the path's MTU",
          () -> lab.guest.run("ip", "route", "get", "203.0.113.9").contains("mtu 1280"));
    }
  }

  @Test
  void a_port_where_nobody_is_refuses() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress();
        DatagramSocket client = client(lab.guest)) {
      for (String to : List.of("10.0.2.2", ROUTER)) {
        client.connect(new InetSocketAddress(to, 9));
        client.send(new DatagramPacket(new byte[10], 10));
        assertThrows(PortUnreachableException.class, () -> receive(client), to);
        client.disconnect();
      }
    }
  }

  @Test
  @RequiresPeer({"dhclient", "pkill"})
  void a_guest_gets_its_lease_and_all_that_was_configured(@TempDir Path directory)
      throws Exception {
    String options =
        "net=192.168.76.0/24,dhcpstart=192.168.76.9,hostname=box,domainname=example.test,"
            + "dnssearch=a.test,dnssearch=b.test,bootfile=pxe.0,tftp-server-name=192.0.2.7";
    try (GuestLab lab = GuestLab.start(options, NOBODY)) {
      String lease = lab.lease(directory);
      assertContains(lease, "fixed-address 192.168.76.9;");
      assertContains(lease, "option subnet-mask 255.255.255.0;");
      assertContains(lease, "option routers 192.168.76.2;");
      assertContains(lease, "option domain-name-servers 192.168.76.3;");
      assertContains(lease, "option host-name \"box\";");
      assertContains(lease, "option domain-name \"example.test\";");
      assertContains(lease, "option domain-search \"a.test.\", \"b.test.\";");
      assertContains(lease, "filename \"pxe.0\";");
      assertContains(lease, "option tftp-server-name \"192.0.2.7\";");
    }
  }

  @Test
  @RequiresPeer({"dhclient", "pkill"})
  void a_restricted_guest_gets_an_address_and_nothing_of_the_host(@TempDir Path directory)
      throws Exception {
    try (GuestLab lab = GuestLab.start("restrict=on", NOBODY)) {
      String lease = lab.lease(directory);
      assertContains(lease, "fixed-address 10.0.2.15;");
      assertFalse(lease.contains("routers"), lease);
      assertFalse(lease.contains("domain-name-servers"), lease);
      lab.withAddress();
      lab.allowEchoSockets();
      assertContains(ping(lab, "10.0.2.2", 64).stdout(), "1 received");
      assertContains(ping(lab, ROUTER, 64).stdout(), "Packet filtered");
      try (EchoServer echo = EchoServer.start(lab.host, "127.0.0.1", 0, UnaryOperator.identity());
          DatagramSocket client = client(lab.guest)) {
        client.setSoTimeout(200);
        client.connect(new InetSocketAddress("10.0.2.2", echo.port()));
        client.send(new DatagramPacket(new byte[10], 10));
        assertThrows(IOException.class, () -> receive(client));
      }
    }
  }

  private static void assertContains(String text, String part) {
    assertTrue(text.contains(part), () -> "no " + part + " in " + text);
  }

  @Test
  @RequiresPeer("dig")
  void names_are_asked_of_the_second_resolver_when_the_first_refuses() throws Exception {
    Resolver nobody = new Resolver(IpAddr.LOOPBACK_V4, "", 9);
    Resolver somebody = new Resolver(IpAddr.LOOPBACK_V4, "", 5353);
    try (GuestLab lab = GuestLab.start("", List.of(nobody, somebody)).withAddress();
        EchoServer server = EchoServer.start(lab.host, "127.0.0.1", 5353, NameAnswer::to)) {
      String said = lab.guest.run("dig", "+short", "+tries=1", "@10.0.2.3", "www.example.com");
      assertEquals(NameAnswer.ADDRESS + "\n", said);
    }
  }

  @Test
  @RequiresPeer("dig")
  void a_guest_hears_at_once_that_no_resolver_is_there() throws Exception {
    Resolver nobody = new Resolver(IpAddr.LOOPBACK_V4, "", 9);
    try (GuestLab lab = GuestLab.start("", List.of(nobody)).withAddress()) {
      String said = lab.guest.run("dig", "+tries=1", "+time=20", "@10.0.2.3", "www.example.com");
      assertContains(said, "status: SERVFAIL");
    }
  }

  @Test
  @RequiresPeer("curl")
  void a_file_comes_by_tftp_as_it_is(@TempDir Path directory) throws Exception {
    byte[] file = Packets.noise(300_001, 5);
    Files.write(Files.createDirectory(directory.resolve("root")).resolve("boot.img"), file);
    try (GuestLab lab = GuestLab.start("tftp=" + directory.resolve("root"), NOBODY).withAddress()) {
      for (String size : List.of("512", "1400")) {
        Path got = directory.resolve("got" + size);
        lab.guest.run(
            "curl", "-sS", "--tftp-blksize", size, "-o", "" + got, "tftp://10.0.2.2/boot.img");
        assertArrayEquals(file, Files.readAllBytes(got));
      }
      ChildProcess.Result missing = lab.guest.attempt("curl", "-sS", "tftp://10.0.2.2/nothing.img");
      assertEquals(CURL_TFTP_NOT_FOUND, missing.exitStatus(), missing::toString);
    }
  }

  @Test
  void a_forwarded_port_carries_datagrams_both_ways() throws Exception {
    String rule = "hostfwd=udp:127.0.0.1:0-:7777,hostfwd=udp::0-:7777";
    try (GuestLab lab = GuestLab.start(rule, NOBODY).withAddress();
        EchoServer echo = EchoServer.start(lab.guest, "10.0.2.15", 7777, UnaryOperator.identity());
        DatagramSocket one = client(lab.host);
        DatagramSocket other = client(lab.router)) {
      // The guest hasn't spoken: the first datagram waits for its address.
      one.connect(new InetSocketAddress("127.0.0.1", port(lab, 1)));
      other.connect(new InetSocketAddress("198.51.100.1", port(lab, 0)));
      for (int size : new int[] {1, 1400, 20_000}) {
        byte[] sent = Packets.noise(size, size);
        for (DatagramSocket client : List.of(one, other)) {
          client.send(new DatagramPacket(sent, size));
          assertArrayEquals(sent, receive(client));
        }
      }
      String shown = TestNetworks.info(lab.network);
      // The host's loopback is the gateway to the guest.
      assertContains(shown, "        10.0.2.2 " + one.getLocalPort() + "       10.0.2.15  7777");
    }
  }

  private static int port(GuestLab lab, int index) {
    HostEndpoint at = lab.network.forwards().get(index).endpoint();
    return ((HostEndpoint.Udp) at).address().getPort();
  }

  /** Whole, and in fragments: what traffic has in hand doesn't grow with it. */
  @Test
  void a_flood_of_datagrams_takes_few_frames() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress();
        EchoServer echo = EchoServer.start(lab.host, "127.0.0.1", 0, UnaryOperator.identity());
        DatagramSocket client = client(lab.guest)) {
      client.connect(new InetSocketAddress("10.0.2.2", echo.port()));
      for (int size : new int[] {64, 1_400, 8_000}) {
        flood(client, 20_000, size);
      }
      long pool = lab.onThread(() -> lab.thread().pool().allocatedBytes());
      assertTrue(pool < 2 << 20, pool + " bytes of frames");
      assertEquals(1, TestNetworks.flows(lab.network).size());
    }
  }

  private static void flood(DatagramSocket client, int count, int size) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[size], size);
    for (int i = 0; i < count; i++) {
      client.send(packet);
    }
    client.setSoTimeout(500);
    try {
      while (true) {
        client.receive(new DatagramPacket(new byte[size], size));
      }
    } catch (SocketTimeoutException done) {
      // Everything that wasn't lost has come.
    }
  }

  @Test
  void scanned_ports_are_bounded_in_sockets_and_their_flows_shown() throws Exception {
    try (GuestLab lab = GuestLab.start("", NOBODY).withAddress();
        DatagramSocket client = client(lab.guest)) {
      InetAddress router = InetAddress.getByName(ROUTER);
      for (int port = 10_000; port < 11_500; port++) {
        client.send(new DatagramPacket(new byte[1], 1, router, port));
        if (port % 100 == 99) {
          // No faster than the guest's own queue before its device allows.
          String last = " " + port + " ";
          Await.until("flow" + last, () -> TestNetworks.info(lab.network).contains(last));
        }
      }
      assertContains(TestNetworks.drops(lab.network), "UDP_BOUND=476");
      assertContains(TestNetworks.info(lab.network), "udp-bound=476\n");
      assertEquals(476L, lab.network.drops().get("udp-bound"));
      assertEquals(1024, TestNetworks.flows(lab.network).size());
      String row = TestNetworks.info(lab.network).lines().skip(2).findFirst().orElse("");
      assertTrue(
          row.matches(
              "  UDP\\[\\d+ sec\\] +\\d+ +10\\.0\\.2\\.15 +\\d+ +198\\.51\\.100\\.2 10476 +0 +0"),
          row);
    }
  }

  private static DatagramSocket client(Namespace guest) {
    return guest.call(
        () -> {
          DatagramSocket socket = new DatagramSocket();
          socket.setSoTimeout(20_000);
          return socket;
        });
  }

  private static byte[] receive(DatagramSocket client) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
    client.receive(packet);
    return java.util.Arrays.copyOf(packet.getData(), packet.getLength());
  }
}
