package dev.dunlin.slirp.icmp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.testing.FakeHost;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IcmpTest {
  private final TestStack stack = new TestStack();

  @AfterEach
  void nothing_leaks() {
    stack.assertNothingLeaks();
  }

  private static Frame icmp(IpAddr destination, int type, int code, int rest, byte... data) {
    Frame frame = Packets.of(data);
    Icmpv4View.prepend(frame, type, code, rest);
    Packets.ip(frame, IpProtocol.ICMP, Packets.GUEST, destination, 64);
    return Packets.ethernet(frame, 0x0800);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.2.2", "10.0.2.3", "10.0.2.4"})
  void our_stations_answer_echo_with_exactly_the_bytes_received(String station) {
    byte[] data = Packets.noise(56, 1);
    stack.guest(Packets.echo(IpAddr.parse(station), 0x1234, 7, data));
    Parsed reply = stack.link.only().icmp();
    assertEquals(Icmpv4View.ECHO_REPLY, reply.icmp.type());
    assertEquals(0x1234, reply.icmp.id());
    assertEquals(7, reply.icmp.sequence());
    assertEquals(IpAddr.parse(station), reply.source());
    assertEquals(Packets.GUEST, reply.destination());
    assertArrayEquals(data, reply.icmpPayload());
    assertTrue(stack.host.echo.isEmpty());
  }

  @Test
  void empty_echo_is_answered_and_padded() {
    stack.guest(Packets.echo(Packets.GATEWAY, 1, 1));
    assertEquals(0, stack.link.only().icmp().icmpPayload().length);
  }

  @Test
  void one_ping_run_shares_one_socket() {
    for (int sequence = 1; sequence <= 5; sequence++) {
      stack.guest(Packets.echo(Packets.OUTSIDE, 77, sequence, (byte) sequence));
    }
    assertEquals(1, stack.host.echo.size());
    FakeHost.Echo socket = stack.host.echo.get(0);
    assertEquals(5, socket.sent.size());
    assertEquals(Packets.OUTSIDE, socket.destination);
    assertEquals(63, socket.lastTtl);
  }

  @Test
  void replies_from_outside_keep_identifier_sequence_and_ttl() {
    stack.guest(Packets.echo(Packets.OUTSIDE, 77, 3, (byte) 9));
    byte[] data = Packets.noise(2000, 1);
    stack.host.echo.get(0).listener.replied(3, ByteBuffer.wrap(data), 51, stack.now());
    assertEquals(2, stack.link.size(), "2000 bytes need two fragments");
    Parsed first = stack.link.next().ip();
    assertEquals(51, first.ip.ttl());
    assertEquals(Packets.OUTSIDE, first.source());
    assertEquals(0, first.word(34) >>> 8);
    assertEquals(77, first.word(38));
    assertEquals(3, first.word(40));
  }

  @Test
  void idle_ping_sockets_are_closed() {
    stack.guest(Packets.echo(Packets.OUTSIDE, 1, 1));
    stack.pass(Duration.ofSeconds(40));
    stack.guest(Packets.echo(Packets.OUTSIDE, 1, 2));
    stack.pass(Duration.ofSeconds(59));
    assertEquals(1, stack.relay.size());
    stack.pass(Duration.ofSeconds(1));
    assertEquals(0, stack.relay.size());
    assertTrue(stack.host.echo.get(0).closed);
  }

  @Test
  void ping_sockets_are_bounded_and_the_one_idle_longest_goes() {
    for (int id = 0; id < EchoRelay.MOST_FLOWS + 10; id++) {
      stack.guest(Packets.echo(Packets.OUTSIDE, id, 1));
    }
    assertEquals(EchoRelay.MOST_FLOWS, stack.host.openSockets());
    assertTrue(stack.host.echo.get(9).closed);
    assertFalse(stack.host.echo.get(10).closed);
    stack.assertDropped(DropReason.ICMP_BOUND, 10);
  }

  @Test
  void host_that_forbids_ping_sockets_is_reported_to_the_guest() {
    stack.host.refusal = new IOException("socket: Permission denied");
    stack.guest(Packets.echo(Packets.OUTSIDE, 1, 1));
    stack.link.only().icmpError(3, 13);
    stack.assertDropped(DropReason.ECHO_UNAVAILABLE, 1);
    assertEquals(0, stack.relay.size());
  }

  @Test
  void router_that_lets_an_echo_expire_is_named_to_the_guests_traceroute() {
    stack.guest(Packets.echo(Packets.OUTSIDE, 5, 6, (byte) 1));
    IpAddr router = IpAddr.parse("192.0.2.1");
    stack
        .host
        .echo
        .get(0)
        .listener
        .failed(new HostFailure(IpError.TTL_EXCEEDED, 0, Optional.of(router)), stack.now());
    Parsed error = stack.link.only().icmpError(11, 0);
    assertEquals(router, error.source());
    assertEquals(Packets.OUTSIDE.v4(), error.quoted().destination());
    byte[] quote = error.icmpPayload();
    assertEquals(28, quote.length);
    assertEquals(5, (quote[24] & 255) << 8 | (quote[25] & 255));
  }

  @Test
  void guests_frag_needed_and_refusals_reach_the_transport_that_sent() {
    Frame quoted = Packets.of(Packets.noise(8, 1));
    quoted.bytes().putInt(quoted.start(), 80 << 16 | 40000);
    Packets.ip(quoted, IpProtocol.TCP, Packets.OUTSIDE, Packets.GUEST, 64);
    stack.guest(icmp(Packets.OUTSIDE, 3, 4, 1280, quoted.toByteArray()));
    assertEquals(List.of("3/4 mtu 1280 port 80"), stack.tcpErrors);
  }

  @Test
  void error_quoting_nothing_or_another_guests_packet_is_dropped() {
    stack.guest(icmp(Packets.GATEWAY, 3, 3, 0));
    stack.guest(icmp(Packets.GATEWAY, 3, 3, 0, new byte[19]));
    Frame others = Packets.of(new byte[8]);
    Packets.ip(others, IpProtocol.TCP, Packets.OUTSIDE, IpAddr.parse("10.0.2.16"), 64);
    stack.guest(icmp(Packets.GATEWAY, 3, 3, 0, others.toByteArray()));
    Frame cut = Packets.of(new byte[3]);
    Packets.ip(cut, IpProtocol.TCP, Packets.OUTSIDE, Packets.GUEST, 64);
    stack.guest(icmp(Packets.GATEWAY, 3, 3, 0, cut.toByteArray()));
    stack.assertDropped(DropReason.ICMP_MALFORMED, 4);
    assertTrue(stack.tcpErrors.isEmpty());
    stack.link.assertSilent();
  }

  @Test
  void redirects_unknown_types_and_unasked_replies_are_ignored() {
    for (int type : new int[] {0, 5, 9, 13, 40, 255}) {
      stack.guest(icmp(Packets.GATEWAY, type, 0, 0, new byte[40]));
    }
    stack.assertDropped(DropReason.ICMP_TYPE, 6);
    stack.link.assertSilent();
  }

  @Test
  void short_and_damaged_messages_are_dropped() {
    Frame tooShort = Packets.of(new byte[7]);
    Packets.ip(tooShort, IpProtocol.ICMP, Packets.GUEST, Packets.GATEWAY, 64);
    stack.guest(Packets.ethernet(tooShort, 0x0800));
    Frame damaged = Packets.echo(Packets.GATEWAY, 1, 1, (byte) 1);
    damaged.bytes().put(damaged.end() - 1, (byte) 2);
    stack.guest(damaged);
    stack.assertDropped(DropReason.ICMP_MALFORMED, 1);
    stack.assertDropped(DropReason.ICMP_CHECKSUM, 1);
    stack.link.assertSilent();
  }

  @Test
  void no_error_about_an_error_a_later_fragment_or_a_broadcast() {
    Frame error = icmp(IpAddr.parse("10.0.2.99"), 3, 3, 0, new byte[28]);
    stack.guest(error);
    stack.guest(Packets.fragment(IpAddr.parse("10.0.2.99"), 17, 1, 800, true, new byte[8]));
    stack.errors.report(HostFailure.refused(), quoteTo(IpAddr.BROADCAST_V4), stack.now());
    stack.errors.report(HostFailure.refused(), quoteTo(IpAddr.parse("224.0.0.1")), stack.now());
    stack.errors.report(HostFailure.refused(), quoteTo(IpAddr.parse("10.0.2.255")), stack.now());
    stack.link.assertSilent();
  }

  private static ByteBuffer quoteTo(IpAddr destination) {
    Frame frame = Packets.of(new byte[8]);
    Packets.ip(frame, IpProtocol.UDP, Packets.GUEST, destination, 64);
    return ByteBuffer.wrap(frame.toByteArray());
  }

  @Test
  void errors_are_limited_in_rate() {
    for (int i = 0; i < 500; i++) {
      stack.guestUdp(IpAddr.parse("10.0.2.99"), 9, (byte) 1);
    }
    assertEquals(50, stack.link.size());
    stack.assertDropped(DropReason.ICMP_RATE, 450);
    stack.link.clear();
    stack.pass(Duration.ofMillis(10));
    for (int i = 0; i < 500; i++) {
      stack.guestUdp(IpAddr.parse("10.0.2.99"), 9, (byte) 1);
    }
    assertEquals(10, stack.link.size());
    stack.link.clear();
  }

  @Test
  void quote_is_cut_so_that_the_error_fits_576_bytes() {
    stack.guestUdp(IpAddr.parse("10.0.2.99"), 9, new byte[1400]);
    Parsed error = stack.link.only().icmpError(3, 1);
    assertEquals(576, error.ip.totalLength());
    Ipv4View quoted = error.quoted();
    assertEquals(1428, quoted.totalLength());
  }

  @Test
  void frag_needed_carries_the_mtu() {
    stack.errors.report(HostFailure.tooBig(1400), quoteTo(Packets.OUTSIDE), stack.now());
    stack.neighbours.learn(Packets.GUEST.v4(), Packets.GUEST_MAC, stack.now());
    // The guest had not been heard of: an ARP request went first.
    assertEquals(0x0806, stack.link.next().ethernet.type());
    Parsed error = stack.link.only().icmpError(3, 4);
    assertEquals(1400, error.icmp.mtu());
    assertEquals(Packets.GATEWAY, error.source());
  }
}
