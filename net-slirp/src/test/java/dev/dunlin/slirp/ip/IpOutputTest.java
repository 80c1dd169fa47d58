package dev.dunlin.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.UdpView;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpOutputTest {
  private final TestStack stack = new TestStack();

  private TestStack ready(TestStack fresh) {
    fresh.neighbours.learn(Packets.GUEST.v4(), Packets.GUEST_MAC, 0);
    return fresh;
  }

  @AfterEach
  void nothing_leaks() {
    stack.assertNothingLeaks();
  }

  @ParameterizedTest
  @CsvSource({"1500, 60000", "1500, 65507", "1500, 1473", "576, 4000", "68, 500", "9000, 60000"})
  void long_datagrams_are_cut_to_the_mtu_and_fit_together(int mtu, int payload) {
    TestStack on = ready(new TestStack(Routing.standard(VirtualNet.standard(), false), mtu));
    byte[] data = Packets.noise(payload, 1);
    on.udpOutput.send(on.host.frame(data), Packets.GATEWAY, 1, Packets.GUEST, 2, 0);
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    int id = -1;
    while (on.link.size() > 0) {
      Parsed piece = on.link.next().ip();
      assertTrue(piece.ip.totalLength() <= mtu);
      assertEquals(joined.size(), piece.ip.fragmentOffset());
      assertEquals(on.link.size() > 0, piece.ip.moreFragments());
      assertTrue(id < 0 || id == piece.ip.id());
      id = piece.ip.id();
      joined.writeBytes(piece.ipPayload());
    }
    ByteBuffer datagram = ByteBuffer.wrap(joined.toByteArray());
    UdpView udp = new UdpView();
    assertTrue(udp.wrap(datagram, 0, joined.size()));
    assertTrue(udp.hasChecksum() && udp.checksumValid(Packets.GATEWAY, Packets.GUEST));
    byte[] back = new byte[payload];
    datagram.get(8, back);
    assertArrayEquals(data, back);
    on.assertNothingLeaks();
  }

  @Test
  void packet_that_may_not_be_cut_is_dropped_and_counted() {
    ready(stack);
    Frame frame = stack.host.frame(new byte[1481]);
    stack.output.send(
        frame, Packets.GATEWAY, Packets.GUEST, IpProtocol.TCP, 64, 0, true, stack.now());
    stack.assertDropped(DropReason.TOO_BIG, 1);
    stack.link.assertSilent();
  }

  @Test
  void frame_for_segmentation_offload_is_not_fragmented() {
    ready(stack);
    Frame frame = stack.host.frame(new byte[20_000]);
    frame.setGso(Frame.Gso.TCP_V4, 1460, 54);
    stack.output.send(
        frame, Packets.GATEWAY, Packets.GUEST, IpProtocol.TCP, 64, 0, true, stack.now());
    assertEquals(20_034, stack.link.only().bytes.length);
  }

  @Test
  void header_fields_are_what_was_asked_for() {
    ready(stack);
    stack.output.send(
        stack.host.frame(new byte[4]), Packets.OUTSIDE, Packets.GUEST, 6, 9, 0xb8, true, 0);
    Parsed packet = stack.link.only().ip();
    assertEquals(9, packet.ip.ttl());
    assertEquals(0xb8, packet.ip.tos());
    assertTrue(packet.ip.dontFragment());
    assertEquals(Packets.OUTSIDE, packet.source());
  }

  @Test
  void ipv6_has_no_way_out_yet() {
    stack.output.send(
        stack.host.frame(new byte[4]), IpAddr.LOOPBACK_V6, IpAddr.LOOPBACK_V6, 6, stack.now());
    stack.assertDropped(DropReason.IPV6_DISABLED, 1);
  }

  @Test
  void exhausted_pool_in_the_middle_of_a_datagram_leaks_nothing() {
    ready(stack);
    Frame frame = stack.host.frame(Packets.noise(60_000, 1));
    List<Frame> hoard = new ArrayList<>();
    for (Frame taken = stack.pool.take(1500); taken != null; taken = stack.pool.take(1500)) {
      hoard.add(taken);
    }
    stack.udpOutput.send(frame, Packets.GATEWAY, 1, Packets.GUEST, 2, 0);
    stack.assertDropped(DropReason.NO_FRAME, 1);
    stack.link.assertSilent();
    hoard.forEach(Frame::release);
  }
}
