package dev.dunlin.slirp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.TestLink;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.testing.Fuzz;
import org.junit.jupiter.api.Test;

final class FrameDemuxTest {
  private final DropCounters drops = new DropCounters();
  private final FramePool pool = new FramePool(10, 1, false);
  private final TestLink link = new TestLink();
  private final VirtualNet net = VirtualNet.standard();
  private final Neighbours neighbours = new Neighbours(net, pool, link, drops);
  private int ipv4;
  private final FrameDemux demux =
      new FrameDemux(
          net,
          neighbours,
          (frame, now) -> ipv4++,
          (frame, now) -> drops.drop(frame, DropReason.IPV6_DISABLED),
          drops);

  private void receive(long destination, long source, int type, int length) {
    Frame frame = Packets.of(new byte[length]);
    EthernetView.prepend(frame, destination, source, type);
    demux.receive(frame, 0);
  }

  @Test
  void runt_is_dropped() {
    demux.receive(Packets.of(new byte[13]), 0);
    demux.receive(Packets.of(), 0);
    assertEquals(2, drops.get(DropReason.FRAME_LENGTH));
  }

  @Test
  void frame_longer_than_any_packet_is_refused_at_the_boundary() {
    receive(Packets.GATEWAY_MAC, Packets.GUEST_MAC, EthernetView.TYPE_IPV4, 65_536);
    assertEquals(1, drops.get(DropReason.FRAME_LENGTH));
    receive(Packets.GATEWAY_MAC, Packets.GUEST_MAC, EthernetView.TYPE_IPV4, 65_535);
    assertEquals(1, ipv4);
  }

  @Test
  void frame_to_be_segmented_is_taken_whole() {
    Frame frame = Packets.of(new byte[60_000]);
    EthernetView.prepend(frame, Packets.GATEWAY_MAC, Packets.GUEST_MAC, EthernetView.TYPE_IPV4);
    frame.setGso(Frame.Gso.TCP_V4, 1460, 54);
    demux.receive(frame, 0);
    assertEquals(1, ipv4);
  }

  @Test
  void vlan_tags_are_dropped() {
    receive(Packets.GATEWAY_MAC, Packets.GUEST_MAC, EthernetView.TYPE_VLAN, 60);
    receive(Packets.GATEWAY_MAC, Packets.GUEST_MAC, EthernetView.TYPE_SERVICE_VLAN, 60);
    assertEquals(2, drops.get(DropReason.VLAN_TAG));
  }

  @Test
  void ieee_802_3_length_type_and_strange_ethertypes_are_dropped() {
    receive(Mac.BROADCAST, Packets.GUEST_MAC, 38, 60);
    receive(Mac.BROADCAST, Packets.GUEST_MAC, 0x88cc, 60);
    assertEquals(2, drops.get(DropReason.ETHERTYPE));
  }

  @Test
  void ipv6_is_counted_while_nobody_speaks_it() {
    receive(Mac.BROADCAST, Packets.GUEST_MAC, EthernetView.TYPE_IPV6, 60);
    assertEquals(1, drops.get(DropReason.IPV6_DISABLED));
  }

  @Test
  void group_source_and_our_own_source_are_dropped() {
    receive(Packets.GATEWAY_MAC, 0x010000000001L, EthernetView.TYPE_IPV4, 60);
    receive(Packets.GATEWAY_MAC, Packets.GATEWAY_MAC, EthernetView.TYPE_IPV4, 60);
    assertEquals(2, drops.get(DropReason.SOURCE_MAC));
  }

  @Test
  void talk_between_guests_on_a_hub_is_none_of_ours() {
    receive(0x525400999999L, Packets.GUEST_MAC, EthernetView.TYPE_IPV4, 60);
    assertEquals(1, drops.get(DropReason.DESTINATION_MAC));
    assertEquals(0, ipv4);
  }

  @Test
  void hostile_frames_never_throw() {
    byte[] valid = Packets.arp(1, Packets.GUEST.v4(), Packets.GATEWAY.v4()).toByteArray();
    Fuzz.hostile(400, 20_000, valid, packet -> demux.receive(Frame.copyOf(packet), 0));
    assertEquals(0, pool.leased());
  }
}
