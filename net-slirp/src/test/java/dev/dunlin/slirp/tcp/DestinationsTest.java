package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.TcpView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who answers a SYN, and what never gets as far as that. */
final class DestinationsTest {
  private final TcpScript script = new TcpScript();

  @Test
  void gateway_stands_for_the_hosts_loopback() {
    script.remote = Packets.GATEWAY;
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    assertEquals(List.of("10.0.2.15:40000 to 127.0.0.1:80"), script.asked);
    script.end();
  }

  @Test
  void station_of_ours_without_a_service_refuses() {
    script.remote = Packets.DNS;
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("RA 0:0(0) ack 1");
    assertEquals(List.of(), script.asked);
    script.end();
  }

  @Test
  void broadcast_has_no_connections_and_gets_no_reset() {
    script.remote = IpAddr.parse("10.0.2.255");
    script.guest("S 0:0(0) <mss 1460>");
    script.guest("A 1:1(0) ack 1");
    script.expectSilence();
    script.assertDropped(DropReason.IP_DESTINATION, 2);
    script.end();
  }

  @Test
  void service_is_bound_once_and_may_be_unbound() {
    TcpDestinations destinations = script.stack.destinations;
    TcpConnector nobody = (guest, from, to, port, listener, now) -> Optional.empty();
    destinations.bind(Packets.OUTSIDE, 80, nobody);
    assertThrows(IllegalStateException.class, () -> destinations.bind(Packets.OUTSIDE, 80, nobody));
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("RA 0:0(0) ack 1");
    destinations.unbind(Packets.OUTSIDE, 80);
    assertTrue(destinations.isFree(Packets.OUTSIDE, 80));
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    script.end();
  }

  @Test
  void header_that_says_less_than_twenty_bytes_is_dropped() {
    raw(0x40, true);
    script.assertDropped(DropReason.TCP_MALFORMED, 1);
    raw(0xf0, true);
    script.assertDropped(DropReason.TCP_MALFORMED, 2);
    script.end();
  }

  @Test
  void wrong_checksum_is_dropped() {
    raw(0x50, false);
    script.assertDropped(DropReason.TCP_CHECKSUM, 1);
    raw(0x50, true);
    script.expect("SA 0:0(0) ack 1");
    script.end();
  }

  private void raw(int offset, boolean valid) {
    Frame frame = script.stack.frame(100);
    int ports = TcpScript.GUEST_PORT << 16 | TcpScript.PORT;
    TcpView.prepend(frame, ports, TcpScript.GUEST_INITIAL, 0, TcpView.SYN, 1000, 0);
    frame.bytes().put(frame.start() + 12, (byte) offset);
    TcpView.requestChecksum(frame, Packets.GUEST, Packets.OUTSIDE);
    frame.completeChecksum();
    frame.clearOffload();
    if (!valid) {
      frame.bytes().put(frame.start() + 17, (byte) ~frame.bytes().get(frame.start() + 17));
    }
    script.stack.guest(Packets.ip(frame, IpProtocol.TCP, Packets.GUEST, Packets.OUTSIDE, 64));
  }

  @Test
  void flows_are_shown_with_what_waits_each_way() {
    script.connectPlain();
    script.host().room = 10;
    script.guest("PA 1:101(100) ack 1");
    script.hostSends(500);
    FlowInfo info = script.stack.engine.flows().get(0);
    assertEquals(
        new FlowInfo(
            TcpState.ESTABLISHED,
            false,
            -1,
            Packets.GUEST,
            TcpScript.GUEST_PORT,
            Packets.OUTSIDE,
            TcpScript.PORT,
            90,
            500),
        info);
    assertEquals("SYN_RCVD", TcpState.SYN_RECEIVED.label());
    script.end();
  }
}
