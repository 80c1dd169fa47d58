package dev.dunlin.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.testing.Fuzz;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Ipv4InputTest {
  private TestStack stack = new TestStack();

  @AfterEach
  void nothing_leaks() {
    stack.assertNothingLeaks();
  }

  private void restrict() {
    stack = new TestStack(Routing.standard(VirtualNet.standard(), true), 1500);
  }

  private static Frame tcp(IpAddr source, IpAddr destination, int ttl) {
    Frame frame = Packets.of(new byte[40]);
    Packets.ip(frame, IpProtocol.TCP, source, destination, ttl);
    return Packets.ethernet(frame, 0x0800);
  }

  /** A good packet with one byte of its IP header changed and, if wanted, the checksum mended. */
  private void sendChanged(int at, int value, boolean mend) {
    byte[] packet = tcp(Packets.GUEST, Packets.OUTSIDE, 64).toByteArray();
    packet[14 + at] = (byte) value;
    if (mend) {
      Ipv4View ip = new Ipv4View();
      ip.wrapHeader(ByteBuffer.wrap(packet), 14, packet.length);
      ip.writeChecksum();
    }
    stack.guest(packet);
  }

  @Test
  void whole_packet_reaches_its_transport() {
    stack.guest(tcp(Packets.GUEST, Packets.OUTSIDE, 64));
    assertEquals(1, stack.tcp.size());
    assertEquals(0, stack.drops.total());
  }

  @Test
  void version_lengths_and_checksum_are_checked() {
    sendChanged(0, 0x55, true);
    stack.assertDropped(DropReason.IP_VERSION, 1);
    sendChanged(0, 0x44, false);
    stack.assertDropped(DropReason.IP_HEADER_LENGTH, 1);
    sendChanged(3, 19, true);
    sendChanged(2, 0xf0, true);
    stack.assertDropped(DropReason.IP_TOTAL_LENGTH, 2);
    sendChanged(11, 0x77, false);
    stack.assertDropped(DropReason.IP_CHECKSUM, 1);
    assertTrue(stack.tcp.isEmpty());
    stack.link.assertSilent();
  }

  @Test
  void input_is_trimmed_by_the_ip_length() {
    Frame frame = tcp(Packets.GUEST, Packets.OUTSIDE, 64);
    frame.append(ByteBuffer.wrap(Packets.noise(30, 1)));
    stack.guest(frame);
    assertEquals(14 + 60, stack.tcp.get(0).length);
  }

  @Test
  void malformed_options_and_source_routes_are_dropped_and_harmless_ones_pass() {
    for (int[] option : new int[][] {{7, 0}, {7, 1}, {7, 9}, {131, 4}, {148, 4}}) {
      Frame frame = Packets.empty();
      frame.append(ByteBuffer.wrap(new byte[] {(byte) option[0], (byte) option[1], 0, 0}));
      frame.append(ByteBuffer.wrap(new byte[20]));
      Packets.ip(frame, IpProtocol.TCP, Packets.GUEST, Packets.OUTSIDE, 64);
      frame.bytes().put(frame.start(), (byte) 0x46);
      Ipv4View ip = new Ipv4View();
      ip.wrapHeader(frame.bytes(), frame.start(), frame.end());
      ip.writeChecksum();
      stack.guest(Packets.ethernet(frame, 0x0800));
    }
    stack.assertDropped(DropReason.IP_OPTIONS, 4);
    assertEquals(1, stack.tcp.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.2.2",
        "10.0.2.3",
        "10.0.2.255",
        "10.0.2.0",
        "255.255.255.255",
        "224.0.0.1",
        "127.0.0.1",
        "0.0.0.0",
        "8.8.8.8",
        "192.168.1.1"
      })
  void source_that_no_guest_may_have_is_dropped_without_an_answer(String source) {
    stack.guest(tcp(IpAddr.parse(source), Packets.OUTSIDE, 64));
    stack.assertDropped(DropReason.IP_SOURCE, 1);
    stack.link.assertSilent();
    assertNull(stack.neighbours.macOf(IpAddr.parse(source).v4()));
  }

  @Test
  void all_zero_source_and_port_never_match_an_empty_slot() {
    stack.guest(Packets.udp(IpAddr.ANY_V4, 0, IpAddr.ANY_V4, 0));
    stack.guest(Packets.udp(IpAddr.ANY_V4, 68, Packets.GATEWAY, 9));
    stack.assertDropped(DropReason.IP_SOURCE, 2);
    assertEquals(0, stack.flows.size());
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, -1",
    "127.255.0.9, -1",
    "0.1.2.3, -1",
    "224.0.0.251, -1",
    "240.0.0.1, -1",
    "10.0.2.0, -1",
    "10.0.2.77, 1",
    "169.254.169.254, 13",
    "169.254.1.1, 13",
  })
  void destination_that_is_never_forwarded(String destination, int unreachableCode) {
    stack.guest(tcp(Packets.GUEST, IpAddr.parse(destination), 64));
    stack.assertDropped(DropReason.IP_DESTINATION, 1);
    assertTrue(stack.tcp.isEmpty());
    if (unreachableCode < 0) {
      stack.link.assertSilent();
    } else {
      stack.link.only().icmpError(3, unreachableCode);
    }
  }

  @Test
  void metadata_service_opens_only_when_asked_for() {
    Routing open = new Routing(VirtualNet.standard(), false, true, true, address -> false);
    int metadata = IpAddr.parse("169.254.169.254").v4();
    assertEquals(Routing.Destination.OUTSIDE, open.classify(metadata));
    assertEquals(Routing.Destination.PROHIBITED, stack.routing.classify(metadata));
    assertEquals(Routing.Destination.PROHIBITED, open.classify(metadata + 1));
  }

  @Test
  void gateway_stands_for_the_hosts_loopback_unless_switched_off() {
    Routing closed = new Routing(VirtualNet.standard(), false, false, false, address -> false);
    assertEquals(IpAddr.LOOPBACK_V4, stack.routing.hostAddress(Packets.GATEWAY).orElseThrow());
    assertTrue(closed.hostAddress(Packets.GATEWAY).isEmpty());
    assertTrue(stack.routing.hostAddress(Packets.DNS).isEmpty());
    assertEquals(Packets.OUTSIDE, stack.routing.hostAddress(Packets.OUTSIDE).orElseThrow());
  }

  @Test
  void forwarded_connections_from_the_hosts_loopback_appear_as_the_gateway() {
    assertEquals(Packets.GATEWAY, stack.routing.visibleSource(IpAddr.LOOPBACK_V4));
    assertEquals(Packets.GATEWAY, stack.routing.visibleSource(IpAddr.parse("127.0.0.53")));
    assertEquals(Packets.GATEWAY, stack.routing.visibleSource(IpAddr.LOOPBACK_V6));
    assertEquals(Packets.GATEWAY, stack.routing.visibleSource(Packets.GUEST));
    assertEquals(Packets.OUTSIDE, stack.routing.visibleSource(Packets.OUTSIDE));
  }

  @Test
  void user_blocked_addresses_are_prohibited() {
    Routing routing =
        new Routing(VirtualNet.standard(), false, true, false, Packets.OUTSIDE::equals);
    assertEquals(Routing.Destination.PROHIBITED, routing.classify(Packets.OUTSIDE.v4()));
    assertEquals(Routing.Destination.OUTSIDE, routing.classify(0x08080808));
  }

  @Test
  void restricted_guest_reaches_our_stations_and_is_told_that_the_rest_is_closed() {
    restrict();
    stack.guest(tcp(Packets.GUEST, Packets.OUTSIDE, 64));
    stack.assertDropped(DropReason.RESTRICTED, 1);
    stack.link.only().icmpError(3, 13);
    stack.guest(tcp(Packets.GUEST, Packets.GATEWAY, 64));
    assertEquals(1, stack.tcp.size());
    assertTrue(stack.routing.hostAddress(Packets.GATEWAY).isEmpty());
  }

  @Test
  void ttl_zero_or_one_toward_the_outside_gets_time_exceeded() {
    stack.guest(tcp(Packets.GUEST, Packets.OUTSIDE, 0));
    stack.guest(tcp(Packets.GUEST, Packets.OUTSIDE, 1));
    stack.guest(tcp(Packets.GUEST, Packets.GATEWAY, 0));
    stack.assertDropped(DropReason.IP_TTL, 3);
    for (int i = 0; i < 3; i++) {
      assertEquals(Packets.GATEWAY, stack.link.next().icmpError(11, 0).source());
    }
    stack.guest(tcp(Packets.GUEST, Packets.GATEWAY, 1));
    stack.guest(tcp(Packets.GUEST, Packets.OUTSIDE, 2));
    assertEquals(2, stack.tcp.size());
  }

  @Test
  void unknown_protocol_gets_protocol_unreachable_quoting_the_packet() {
    Frame frame = Packets.of(Packets.noise(30, 2));
    Packets.ip(frame, 132, Packets.GUEST, Packets.GATEWAY, 64);
    byte[] packet = frame.toByteArray();
    stack.guest(Packets.ethernet(frame, 0x0800));
    stack.assertDropped(DropReason.IP_PROTOCOL, 1);
    assertArrayEquals(packet, stack.link.only().icmpError(3, 2).icmpPayload());
  }

  @Test
  void broadcast_is_for_udp_services_only() {
    stack.guest(tcp(Packets.GUEST, IpAddr.BROADCAST_V4, 64));
    stack.guest(Packets.echo(IpAddr.parse("10.0.2.255"), 1, 1));
    stack.guestUdp(IpAddr.BROADCAST_V4, 137, (byte) 1);
    stack.assertDropped(DropReason.IP_DESTINATION, 3);
    stack.link.assertSilent();
  }

  @Test
  void guest_is_learned_from_its_packets() {
    stack.guest(tcp(Packets.GUEST, Packets.OUTSIDE, 64));
    assertEquals(Packets.GUEST_MAC, stack.neighbours.macOf(Packets.GUEST.v4()));
  }

  @Test
  void dns_address_outside_the_net_is_still_ours() {
    VirtualNet net =
        VirtualNet.of(
            IpAddr.parse("10.0.2.0"),
            24,
            Packets.GATEWAY,
            IpAddr.parse("8.8.8.8"),
            java.util.Set.of());
    Routing routing = Routing.standard(net, false);
    assertEquals(Routing.Destination.LOCAL, routing.classify(0x08080808));
    assertEquals(Routing.Destination.UNASSIGNED, routing.classify(Packets.DNS.v4()));
  }

  @Test
  void hostile_packets_never_throw_and_never_leak() {
    byte[] udp = Packets.udp(Packets.GUEST, 7, Packets.OUTSIDE, 8, (byte) 1).toByteArray();
    Fuzz.hostile(500, 10_000, udp, stack::guest);
    byte[] echo = Packets.echo(Packets.GATEWAY, 7, 8, Packets.noise(40, 3)).toByteArray();
    Fuzz.hostile(
        600,
        10_000,
        echo,
        packet -> {
          mendIp(packet);
          stack.guest(packet);
        });
    assertTrue(stack.flows.size() <= 100);
    assertTrue(stack.relay.size() <= 64);
  }

  /** Lets most of the mutated packets past the first check. */
  private static void mendIp(byte[] packet) {
    Ipv4View ip = new Ipv4View();
    if (packet.length > 14 && ip.wrapHeader(ByteBuffer.wrap(packet), 14, packet.length)) {
      ip.writeChecksum();
    }
  }
}
