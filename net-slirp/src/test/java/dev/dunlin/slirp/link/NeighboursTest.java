package dev.dunlin.slirp.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.testing.ManualClock;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestLink;
import dev.dunlin.slirp.wire.ArpView;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NeighboursTest {
  private final ManualClock clock = new ManualClock();
  private final FramePool pool = new FramePool(100, 4, false);
  private final TestLink link = new TestLink();
  private final DropCounters drops = new DropCounters();
  private final Neighbours neighbours = new Neighbours(VirtualNet.standard(), pool, link, drops);
  private final FrameDemux demux =
      new FrameDemux(
          VirtualNet.standard(),
          neighbours,
          (frame, now) -> frame.release(),
          (frame, now) -> drops.drop(frame, DropReason.IPV6_DISABLED),
          drops);

  @AfterEach
  void nothing_leaks() {
    neighbours.close();
    assertEquals(0, pool.leased());
  }

  private void receive(Frame frame) {
    demux.receive(frame, clock.nanoTime());
  }

  private void ask(String target) {
    receive(Packets.arp(ArpView.REQUEST, Packets.GUEST.v4(), IpAddr.parse(target).v4()));
  }

  private void sendToGuest(int last) {
    Frame frame = pool.take(100);
    assertNotNull(frame);
    frame.append(ByteBuffer.wrap(new byte[] {(byte) last, 1, 2, 3}));
    Packets.ip(frame, IpProtocol.UDP, Packets.GATEWAY, IpAddr.v4(0x0a000200 | last), 64);
    neighbours.send(frame, 0x0a000200 | last, clock.nanoTime());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.2.2", "10.0.2.3", "10.0.2.4"})
  void arp_for_our_stations_is_answered_with_their_own_address(String target) {
    ask(target);
    Parsed reply = link.only();
    ArpView arp = new ArpView();
    assertEquals(EthernetView.TYPE_ARP, reply.ethernet.type());
    arp.wrap(ByteBuffer.wrap(reply.bytes), 14, reply.bytes.length);
    assertEquals(ArpView.REPLY, arp.operation());
    assertEquals(IpAddr.parse(target).v4(), arp.senderIp());
    assertEquals(VirtualNet.macOf(IpAddr.parse(target).v4()), arp.senderMac());
    assertEquals(Packets.GUEST.v4(), arp.targetIp());
    assertEquals(Packets.GUEST_MAC, arp.targetMac());
    assertEquals(Packets.GUEST_MAC, reply.ethernet.destination());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.2.15", "10.0.2.99", "10.0.3.2", "10.0.2.255", "0.0.0.0"})
  void arp_for_anything_else_stays_unanswered(String target) {
    ask(target);
    link.assertSilent();
  }

  @Test
  void address_probe_for_the_gateway_is_answered_so_the_guest_sees_the_conflict() {
    receive(Packets.arp(ArpView.REQUEST, 0, Packets.GATEWAY.v4()));
    assertEquals(60, link.only().bytes.length);
    assertEquals(0, neighbours.size());
  }

  @Test
  void gratuitous_arp_for_the_gateway_does_not_poison_it() {
    receive(Packets.arp(ArpView.REQUEST, Packets.GATEWAY.v4(), Packets.GATEWAY.v4()));
    receive(Packets.arp(ArpView.REPLY, Packets.DNS.v4(), Packets.GUEST.v4()));
    link.assertSilent();
    assertEquals(2, drops.get(DropReason.ARP_POISON));
    assertNull(neighbours.macOf(Packets.GATEWAY.v4()));
  }

  @Test
  void arp_with_wrong_lengths_is_dropped() {
    Frame shortArp = Packets.arp(ArpView.REQUEST, Packets.GUEST.v4(), Packets.GATEWAY.v4());
    shortArp.trimEnd(shortArp.end() - 1);
    receive(shortArp);
    Frame wrong = Packets.arp(ArpView.REQUEST, Packets.GUEST.v4(), Packets.GATEWAY.v4());
    wrong.bytes().put(wrong.start() + 14 + 4, (byte) 8);
    receive(wrong);
    assertEquals(2, drops.get(DropReason.ARP_MALFORMED));
    link.assertSilent();
  }

  @Test
  void a_forward_before_the_guests_first_frame_must_arp_queue_and_give_up() {
    sendToGuest(15);
    sendToGuest(15);
    Parsed request = link.only();
    assertEquals(Mac.BROADCAST, request.ethernet.destination());
    assertEquals(EthernetView.TYPE_ARP, request.ethernet.type());
    for (int tries = 2; tries <= Neighbours.MOST_REQUESTS; tries++) {
      assertEquals(Duration.ofSeconds(1).toNanos(), neighbours.delay(clock.nanoTime()));
      clock.advance(Duration.ofSeconds(1));
      neighbours.onTime(clock.nanoTime());
      link.only();
    }
    clock.advance(Duration.ofSeconds(1));
    neighbours.onTime(clock.nanoTime());
    link.assertSilent();
    assertEquals(2, drops.get(DropReason.NEIGHBOUR_UNREACHABLE));
    assertEquals(Timed.IDLE, neighbours.delay(clock.nanoTime()));
  }

  @Test
  void waiting_frames_leave_in_order_when_the_guest_answers() {
    sendToGuest(15);
    sendToGuest(15);
    link.clear();
    receive(Packets.arp(ArpView.REPLY, Packets.GUEST.v4(), Packets.GATEWAY.v4()));
    assertEquals(2, link.size());
    assertEquals(Packets.GUEST_MAC, link.next().ip().ethernet.destination());
    sendToGuest(15);
    assertEquals(2, link.size());
  }

  @Test
  void queue_is_bounded_for_one_address_and_in_all() {
    for (int i = 0; i < Neighbours.MOST_WAITING_EACH + 3; i++) {
      sendToGuest(15);
    }
    assertEquals(3, drops.get(DropReason.NEIGHBOUR_QUEUE_FULL));
    for (int host = 20; host < 120; host++) {
      sendToGuest(host);
    }
    assertEquals(
        3 + 100 - (Neighbours.MOST_WAITING - Neighbours.MOST_WAITING_EACH),
        drops.get(DropReason.NEIGHBOUR_QUEUE_FULL));
  }

  @Test
  void learned_addresses_are_bounded_and_the_oldest_goes() {
    for (int host = 15; host < 15 + Neighbours.MOST_GUESTS + 5; host++) {
      receive(Packets.arp(ArpView.REQUEST, 0x0a000200 | host, Packets.GATEWAY.v4()));
    }
    assertEquals(Neighbours.MOST_GUESTS, neighbours.size());
    assertNull(neighbours.macOf(0x0a00020f));
    assertNotNull(neighbours.macOf(0x0a000200 | (15 + Neighbours.MOST_GUESTS + 4)));
    link.clear();
  }

  @Test
  void addresses_outside_the_net_are_neither_learned_nor_asked_for() {
    receive(Packets.arp(ArpView.REQUEST, 0x08080808, Packets.GATEWAY.v4()));
    assertEquals(0, neighbours.size());
    link.clear();
    Frame frame = pool.take(100);
    assertNotNull(frame);
    Packets.ip(frame, 17, Packets.GATEWAY, Packets.OUTSIDE, 64);
    neighbours.send(frame, Packets.OUTSIDE.v4(), clock.nanoTime());
    link.assertSilent();
    assertEquals(1, drops.get(DropReason.NEIGHBOUR_UNREACHABLE));
  }

  @Test
  void guest_that_changes_its_card_is_followed() {
    neighbours.learn(Packets.GUEST.v4(), 0x020000000001L, clock.nanoTime());
    neighbours.learn(Packets.GUEST.v4(), 0x020000000002L, clock.nanoTime());
    sendToGuest(15);
    assertEquals(0x020000000002L, link.only().ethernet.destination());
  }

  @Test
  void padding_sends_at_least_sixty_bytes_and_never_old_ones() {
    Frame dirty = pool.take(100);
    assertNotNull(dirty);
    int at = dirty.append(100);
    for (int i = 0; i < 100; i++) {
      dirty.bytes().put(at + i, (byte) 0xaa);
    }
    dirty.release();
    neighbours.learn(Packets.GUEST.v4(), Packets.GUEST_MAC, clock.nanoTime());
    sendToGuest(15);
    byte[] sent = link.only().bytes;
    assertEquals(60, sent.length);
    for (int i = 14 + 20 + 4; i < 60; i++) {
      assertEquals(0, sent[i]);
    }
  }

  @Test
  void announcement_names_every_station_once() {
    neighbours.announce();
    assertEquals(3, link.size());
    ArpView arp = new ArpView();
    Parsed first = link.next();
    arp.wrap(ByteBuffer.wrap(first.bytes), 14, 60);
    assertEquals(arp.senderIp(), arp.targetIp());
    assertEquals(Mac.BROADCAST, first.ethernet.destination());
    assertNotEquals(0, arp.senderMac());
  }

  @Test
  void exhausted_pool_drops_the_reply_and_counts_it() {
    FramePool none = new FramePool(0, 0, false);
    Neighbours poor = new Neighbours(VirtualNet.standard(), none, link, drops);
    Frame request = Packets.arp(ArpView.REQUEST, Packets.GUEST.v4(), Packets.GATEWAY.v4());
    request.setNetwork(request.start() + 14);
    poor.receive(request, 0);
    link.assertSilent();
    assertEquals(1, drops.get(DropReason.NO_FRAME));
  }
}
