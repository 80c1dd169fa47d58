package dev.dunlin.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.HostFailureException;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.FakeHost;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.UdpView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UdpFlowsTest {
  private TestStack stack = new TestStack();

  @AfterEach
  void nothing_leaks() {
    stack.assertNothingLeaks();
  }

  private FakeHost.Udp socket(int index) {
    return stack.host.udp.get(index);
  }

  private void guest(int sport, IpAddr destination, int dport, byte... data) {
    stack.guest(Packets.udp(Packets.GUEST, sport, destination, dport, data));
  }

  @Test
  void datagrams_of_one_pair_of_ends_share_a_socket() {
    guest(5000, Packets.OUTSIDE, 7, (byte) 1);
    guest(5000, Packets.OUTSIDE, 7, (byte) 2);
    guest(5000, Packets.OUTSIDE, 8, (byte) 3);
    guest(5001, Packets.OUTSIDE, 7, (byte) 4);
    assertEquals(3, stack.host.udp.size());
    assertArrayEquals(new byte[] {2}, socket(0).sent.get(1));
    assertEquals(Packets.OUTSIDE, socket(0).destination);
    assertEquals(63, socket(0).lastTtl);
    assertEquals(3, stack.flows.size());
  }

  @Test
  void answers_come_back_from_the_address_the_guest_asked() {
    guest(5000, Packets.GATEWAY, 7, (byte) 1);
    assertEquals(IpAddr.LOOPBACK_V4, socket(0).destination);
    socket(0).receive(stack.now(), (byte) 9, (byte) 8);
    Parsed answer = stack.link.only().udp();
    assertEquals(Packets.GATEWAY, answer.source());
    assertEquals(7, answer.udp.sourcePort());
    assertEquals(5000, answer.udp.destinationPort());
    assertArrayEquals(new byte[] {9, 8}, answer.udpPayload());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1472, 1473, 60_000, 65_507})
  void payloads_of_every_size_pass_both_ways(int size) {
    byte[] data = Packets.noise(size, size);
    Frame datagram = Packets.of(data);
    UdpView.prepend(datagram, Packets.GUEST, 5000, Packets.OUTSIDE, 7);
    datagram.completeChecksum();
    byte[] whole = datagram.toByteArray();
    for (int at = 0; at < whole.length; at += 1480) {
      int end = Math.min(at + 1480, whole.length);
      byte[] piece = java.util.Arrays.copyOfRange(whole, at, end);
      boolean more = end < whole.length;
      stack.guest(Packets.fragment(Packets.OUTSIDE, IpProtocol.UDP, 1, at, more, piece));
    }
    assertArrayEquals(data, socket(0).sent.get(0));
    socket(0).receive(stack.now(), data);
    assertEquals(Math.max(1, (size + 8 + 1479) / 1480), stack.link.size());
    stack.link.clear();
  }

  @Test
  void answer_longer_than_ip_can_carry_is_dropped() {
    guest(5000, Packets.OUTSIDE, 7);
    Frame frame = stack.host.frame(new byte[65_508]);
    socket(0).listener.received(frame, stack.now());
    stack.assertDropped(DropReason.TOO_BIG, 1);
  }

  @Test
  void connection_refused_becomes_port_unreachable_quoting_the_datagram() {
    guest(5000, Packets.OUTSIDE, 7, (byte) 1);
    socket(0).listener.failed(HostFailure.refused(), stack.now());
    Parsed error = stack.link.only().icmpError(3, 3);
    assertEquals(Packets.OUTSIDE, error.source());
    assertEquals(Packets.OUTSIDE.v4(), error.quoted().destination());
    ByteBuffer quote = ByteBuffer.wrap(error.icmpPayload());
    assertEquals(5000, quote.getShort(20));
    assertEquals(7, quote.getShort(22));
  }

  @Test
  void unreachable_at_once_becomes_icmp_and_no_flow() {
    stack.host.refusal =
        new HostFailureException(HostFailure.of(IpError.NET_UNREACHABLE), "connect: ENETUNREACH");
    guest(5000, Packets.OUTSIDE, 7, (byte) 1);
    stack.link.only().icmpError(3, 0);
    assertEquals(0, stack.flows.size());
    stack.host.refusal = new IOException("Too many open files");
    guest(5000, Packets.OUTSIDE, 7, (byte) 1);
    stack.assertDropped(DropReason.UDP_HOST, 2);
    stack.link.assertSilent();
  }

  @Test
  void idle_times_differ_for_one_way_two_way_and_dns() {
    guest(5000, Packets.OUTSIDE, 7);
    guest(5001, Packets.OUTSIDE, 8);
    guest(5002, Packets.OUTSIDE, 53);
    socket(1).receive(stack.now(), (byte) 1);
    socket(2).receive(stack.now(), (byte) 1);
    stack.pass(Duration.ofSeconds(10));
    assertTrue(socket(2).closed, "DNS after 10 s");
    assertFalse(socket(0).closed);
    stack.pass(Duration.ofSeconds(20));
    assertTrue(socket(0).closed, "one way after 30 s");
    assertFalse(socket(1).closed);
    stack.pass(Duration.ofSeconds(90));
    assertTrue(socket(1).closed, "two ways after 120 s");
    assertEquals(Timed.IDLE, stack.flows.delay(stack.now()));
  }

  @Test
  void use_from_either_side_keeps_a_flow() {
    guest(5000, Packets.OUTSIDE, 7);
    for (int i = 0; i < 10; i++) {
      stack.pass(Duration.ofSeconds(29));
      if (i % 2 == 0) {
        socket(0).receive(stack.now(), (byte) i);
      } else {
        guest(5000, Packets.OUTSIDE, 7);
      }
    }
    assertEquals(1, stack.host.udp.size());
  }

  @Test
  void dns_flows_need_an_idle_time_of_seconds_and_udp_flows_a_cap() {
    for (int port = 1; port <= 500; port++) {
      guest(port, Packets.OUTSIDE, 53);
    }
    assertEquals(100, stack.flows.size());
    assertEquals(100, stack.host.openSockets());
    stack.assertDropped(DropReason.UDP_BOUND, 400);
    assertTrue(socket(399).closed);
    assertFalse(socket(400).closed);
    stack.pass(Duration.ofSeconds(10));
    assertEquals(0, stack.host.openSockets());
  }

  @Test
  void flow_in_use_outlives_a_scan() {
    guest(5000, Packets.OUTSIDE, 7);
    for (int port = 1; port <= 300; port++) {
      guest(6000, Packets.OUTSIDE, port);
      socket(0).receive(stack.now(), (byte) 1);
    }
    assertFalse(socket(0).closed);
    stack.link.clear();
  }

  @Test
  void malformed_damaged_and_port_zero_datagrams_are_dropped() {
    Frame shortLength = Packets.udp(Packets.GUEST, 1, Packets.OUTSIDE, 2, (byte) 1);
    shortLength.bytes().putShort(shortLength.start() + 38, (short) 7);
    stack.guest(shortLength);
    Frame longLength = Packets.udp(Packets.GUEST, 1, Packets.OUTSIDE, 2, (byte) 1);
    longLength.bytes().putShort(longLength.start() + 38, (short) 10);
    stack.guest(longLength);
    Frame damaged = Packets.udp(Packets.GUEST, 1, Packets.OUTSIDE, 2, (byte) 1);
    damaged.bytes().put(damaged.end() - 1, (byte) 2);
    stack.guest(damaged);
    stack.guest(Packets.udp(Packets.GUEST, 1, Packets.OUTSIDE, 0));
    stack.guest(Packets.udp(Packets.GUEST, 0, Packets.OUTSIDE, 1));
    stack.assertDropped(DropReason.UDP_MALFORMED, 2);
    stack.assertDropped(DropReason.UDP_CHECKSUM, 1);
    stack.assertDropped(DropReason.UDP_PORT_ZERO, 2);
    assertTrue(stack.host.udp.isEmpty());
    stack.link.assertSilent();
  }

  @Test
  void datagram_without_checksum_is_carried() {
    Frame frame = Packets.udp(Packets.GUEST, 1, Packets.OUTSIDE, 2, (byte) 1);
    frame.bytes().putShort(frame.start() + 40, (short) 0);
    stack.guest(frame);
    assertEquals(1, socket(0).sent.size());
  }

  @Test
  void closed_ports_of_our_stations_are_unreachable() {
    guest(1, Packets.DNS, 99);
    guest(1, IpAddr.parse("10.0.2.4"), 445);
    assertEquals(Packets.DNS, stack.link.next().icmpError(3, 3).source());
    stack.link.only().icmpError(3, 3);
    assertTrue(stack.host.udp.isEmpty());
  }

  @Test
  void restrict_keeps_dhcp_and_tftp_but_drops_all_udp_to_the_dns_address() {
    stack = new TestStack(Routing.standard(VirtualNet.standard(), true), 1500);
    List<Integer> served = new ArrayList<>();
    UdpService service =
        (frame, udp, source, destination, now) -> {
          served.add(udp.destinationPort());
          frame.release();
        };
    stack.ports.bind(Packets.GATEWAY, 67, service);
    stack.ports.bind(Packets.GATEWAY, 69, service);
    stack.guest(Packets.udp(IpAddr.ANY_V4, 68, IpAddr.BROADCAST_V4, 67));
    guest(1, Packets.GATEWAY, 69);
    assertEquals(List.of(67, 69), served);
    guest(1, Packets.DNS, 53);
    guest(1, Packets.DNS, 99);
    guest(1, Packets.GATEWAY, 7);
    guest(1, Packets.OUTSIDE, 7);
    stack.assertDropped(DropReason.RESTRICTED, 4);
    assertTrue(stack.host.udp.isEmpty());
    for (int i = 0; i < 4; i++) {
      stack.link.next().icmpError(3, 13);
    }
  }

  @Test
  void guest_that_closed_its_port_makes_us_close_ours() {
    guest(5000, Packets.OUTSIDE, 7);
    Frame quoted = Packets.of(new byte[8]);
    quoted.bytes().putInt(quoted.start(), 7 << 16 | 5000);
    Packets.ip(quoted, IpProtocol.UDP, Packets.OUTSIDE, Packets.GUEST, 64);
    Frame error = Packets.of(quoted.toByteArray());
    Icmpv4View.prepend(error, 3, 3, 0);
    Packets.ip(error, IpProtocol.ICMP, Packets.GUEST, Packets.OUTSIDE, 64);
    stack.guest(Packets.ethernet(error, 0x0800));
    assertTrue(socket(0).closed);
    assertEquals(0, stack.flows.size());
  }

  @Test
  void datagram_that_arrives_for_a_closed_flow_is_dropped_with_it() {
    guest(5000, Packets.OUTSIDE, 7);
    stack.pass(Duration.ofSeconds(30));
    socket(0).receive(stack.now(), (byte) 1);
    stack.link.assertSilent();
  }

  // ---- forwards ----

  private final List<String> replies = new ArrayList<>();

  private UdpForward forward(int guestPort) {
    return new UdpForward() {
      @Override
      public IpAddr guest() {
        return Packets.GUEST;
      }

      @Override
      public int guestPort() {
        return guestPort;
      }

      @Override
      public int descriptor() {
        return 9;
      }

      @Override
      public void reply(ByteBuffer payload, IpAddr peer, int peerPort) {
        replies.add(guestPort + ">" + peer + ":" + peerPort + " " + payload.remaining());
      }
    };
  }

  private void fromPeer(UdpForward forward, String peer, int port) {
    stack.flows.fromForward(
        stack.host.frame((byte) 1), forward, IpAddr.parse(peer), port, stack.now());
  }

  @Test
  void forwarded_datagrams_reach_the_guest_and_its_answers_leave_through_the_forward() {
    stack.neighbours.learn(Packets.GUEST.v4(), Packets.GUEST_MAC, stack.now());
    UdpForward forward = forward(9000);
    fromPeer(forward, "127.0.0.1", 40000);
    Parsed first = stack.link.only().udp();
    assertEquals(Packets.GATEWAY, first.source());
    assertEquals(40000, first.udp.sourcePort());
    assertEquals(9000, first.udp.destinationPort());
    guest(9000, Packets.GATEWAY, 40000, (byte) 1, (byte) 2);
    fromPeer(forward, "192.0.2.9", 40000);
    assertEquals(IpAddr.parse("192.0.2.9"), stack.link.only().udp().source());
    guest(9000, IpAddr.parse("192.0.2.9"), 40000, (byte) 1);
    assertEquals(List.of("9000>127.0.0.1:40000 2", "9000>192.0.2.9:40000 1"), replies);
    assertTrue(stack.host.udp.isEmpty());
  }

  @Test
  void two_loopback_peers_with_one_port_stay_apart() {
    stack.neighbours.learn(Packets.GUEST.v4(), Packets.GUEST_MAC, stack.now());
    UdpForward forward = forward(9000);
    fromPeer(forward, "127.0.0.1", 40000);
    fromPeer(forward, "127.0.0.2", 40000);
    fromPeer(forward, "127.0.0.2", 40000);
    int one = stack.link.next().udp().udp.sourcePort();
    int two = stack.link.next().udp().udp.sourcePort();
    assertEquals(40000, one);
    assertTrue(one != two);
    assertEquals(two, stack.link.only().udp().udp.sourcePort());
    guest(9000, Packets.GATEWAY, two, (byte) 1);
    assertEquals(List.of("9000>127.0.0.2:40000 1"), replies);
  }

  @Test
  void removed_forward_takes_its_flows_along() {
    UdpForward gone = forward(9000);
    fromPeer(gone, "192.0.2.9", 1);
    fromPeer(forward(9001), "192.0.2.9", 1);
    stack.flows.forwardRemoved(gone);
    assertEquals(1, stack.flows.size());
  }

  @Test
  void forward_before_the_guests_first_frame_asks_for_it() {
    fromPeer(forward(9000), "192.0.2.9", 1);
    assertEquals(0x0806, stack.link.only().ethernet.type());
    stack.guest(Packets.arp(2, Packets.GUEST.v4(), Packets.GATEWAY.v4()));
    stack.link.only().udp();
  }
}
