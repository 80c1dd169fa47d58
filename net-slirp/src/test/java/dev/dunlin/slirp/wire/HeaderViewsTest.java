package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class HeaderViewsTest {
  private static final int GUEST = 0x0a00020f;
  private static final int HOST = 0x0a000202;
  private static final int ROUNDS = 20_000;

  private static Frame payload(int length) {
    Frame frame = Frame.unpooled(length + 64);
    byte[] data = new byte[length];
    new SplittableRandom(length).nextBytes(data);
    frame.append(ByteBuffer.wrap(data));
    return frame;
  }

  private static Frame udp(int length) {
    Frame frame = payload(length);
    UdpView.prepend(frame, IpAddr.v4(GUEST), 1234, IpAddr.v4(HOST), 53);
    frame.completeChecksum();
    Ipv4View.prepend(frame, 0x10, 77, Ipv4View.DONT_FRAGMENT, 64, IpProtocol.UDP, GUEST, HOST);
    return frame;
  }

  @Test
  void ethernet_header_round_trips() {
    Frame frame = payload(50);
    EthernetView.prepend(frame, Mac.BROADCAST, 0x525400123456L, EthernetView.TYPE_IPV4);
    EthernetView view = new EthernetView();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    assertEquals(Mac.BROADCAST, view.destination());
    assertEquals("52:54:00:12:34:56", Mac.format(view.source()));
    assertEquals(EthernetView.TYPE_IPV4, view.type());
    assertFalse(view.isTagged());
    assertFalse(view.wrap(frame.bytes(), frame.start(), frame.start() + 13));
  }

  @Test
  void group_addresses_are_told_apart() {
    assertTrue(Mac.isGroup(Mac.BROADCAST));
    assertTrue(Mac.isGroup(0x01005e000001L));
    assertFalse(Mac.isGroup(0x525400123456L));
  }

  @Test
  void arp_round_trips_and_wrong_lengths_are_refused() {
    Frame frame = Frame.unpooled(64);
    ArpView.append(frame, ArpView.REQUEST, 0x525400123456L, GUEST, 0, HOST);
    ArpView view = new ArpView();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    assertEquals(ArpView.REQUEST, view.operation());
    assertEquals(0x525400123456L, view.senderMac());
    assertEquals(GUEST, view.senderIp());
    assertEquals(0, view.targetMac());
    assertEquals(HOST, view.targetIp());
    assertFalse(view.wrap(frame.bytes(), frame.start(), frame.end() - 1));
    for (int lengthField : new int[] {4, 5}) {
      byte[] bad = frame.toByteArray();
      bad[lengthField]++;
      assertFalse(view.wrap(ByteBuffer.wrap(bad), 0, bad.length));
    }
  }

  @Test
  void ipv4_header_round_trips_with_a_valid_checksum() {
    Frame frame = udp(100);
    Ipv4View view = new Ipv4View();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    assertTrue(view.checksumValid());
    assertEquals(128, view.totalLength());
    assertEquals(20, view.headerLength());
    assertEquals(77, view.id());
    assertEquals(0x10, view.tos());
    assertEquals(64, view.ttl());
    assertTrue(view.dontFragment());
    assertFalse(view.isFragment());
    assertEquals(IpProtocol.UDP, view.protocol());
    assertEquals(GUEST, view.source());
    assertEquals(HOST, view.destination());
    view.decrementTtl();
    assertEquals(63, view.ttl());
    assertTrue(view.checksumValid());
  }

  @Test
  void ipv4_wrap_names_what_was_wrong() {
    Ipv4View view = new Ipv4View();
    byte[] good = udp(10).toByteArray();
    assertProblem(view, with(good, 0, 0x65), DropReason.IP_VERSION);
    assertProblem(view, with(good, 0, 0x44), DropReason.IP_HEADER_LENGTH);
    assertProblem(view, with(good, 0, 0x4f), DropReason.IP_HEADER_LENGTH);
    assertProblem(view, with(good, 3, 19), DropReason.IP_TOTAL_LENGTH);
    assertProblem(view, with(good, 2, 0xff), DropReason.IP_TOTAL_LENGTH);
    assertProblem(view, new byte[19], DropReason.IP_HEADER_LENGTH);
  }

  private static void assertProblem(Ipv4View view, byte[] packet, DropReason reason) {
    assertFalse(view.wrap(ByteBuffer.wrap(packet), 0, packet.length));
    assertEquals(reason, view.problem());
  }

  private static byte[] with(byte[] packet, int at, int value) {
    byte[] copy = packet.clone();
    copy[at] = (byte) value;
    return copy;
  }

  @Test
  void options_of_length_zero_one_or_too_long_and_source_routes_are_not_acceptable() {
    assertTrue(optionsAcceptable(1, 1, 1, 0));
    assertTrue(optionsAcceptable(0, 7, 7, 7));
    assertTrue(optionsAcceptable(148, 4, 0, 0), "router alert");
    assertFalse(optionsAcceptable(7, 0, 0, 0));
    assertFalse(optionsAcceptable(7, 1, 0, 0));
    assertFalse(optionsAcceptable(7, 5, 0, 0));
    assertFalse(optionsAcceptable(1, 1, 1, 7));
    assertFalse(optionsAcceptable(131, 3, 4, 0));
    assertFalse(optionsAcceptable(137, 3, 4, 0));
  }

  private static boolean optionsAcceptable(int... options) {
    ByteBuffer packet = ByteBuffer.allocate(24);
    packet.put(0, (byte) 0x46).putShort(2, (short) 24);
    for (int i = 0; i < 4; i++) {
      packet.put(20 + i, (byte) options[i]);
    }
    Ipv4View view = new Ipv4View();
    assertTrue(view.wrap(packet, 0, 24));
    return view.optionsAcceptable();
  }

  @Test
  void udp_round_trips_and_its_checksum_covers_addresses_and_data() {
    Frame frame = udp(33);
    UdpView view = new UdpView();
    assertTrue(view.wrap(frame.bytes(), frame.start() + 20, frame.end()));
    assertEquals(1234, view.sourcePort());
    assertEquals(53, view.destinationPort());
    assertEquals(33, view.payloadLength());
    assertTrue(view.checksumValid(IpAddr.v4(GUEST), IpAddr.v4(HOST)));
    assertFalse(view.checksumValid(IpAddr.v4(GUEST + 1), IpAddr.v4(HOST)));
    frame.bytes().put(frame.end() - 1, (byte) ~frame.bytes().get(frame.end() - 1));
    assertFalse(view.checksumValid(IpAddr.v4(GUEST), IpAddr.v4(HOST)));
  }

  @Test
  void udp_length_below_eight_or_past_the_data_is_refused() {
    UdpView view = new UdpView();
    for (int length : new int[] {0, 7, 19}) {
      ByteBuffer datagram = ByteBuffer.allocate(18).putShort(4, (short) length);
      assertFalse(view.wrap(datagram, 0, 18), "length " + length);
    }
    assertFalse(view.wrap(ByteBuffer.allocate(7), 0, 7));
  }

  @Test
  void udp_without_checksum_is_legal_in_ipv4_only() {
    ByteBuffer datagram = ByteBuffer.allocate(8).putShort(4, (short) 8);
    UdpView view = new UdpView();
    assertTrue(view.wrap(datagram, 0, 8));
    assertTrue(view.checksumValid(IpAddr.v4(GUEST), IpAddr.v4(HOST)));
    assertFalse(view.checksumValid(IpAddr.LOOPBACK_V6, IpAddr.LOOPBACK_V6));
  }

  @Test
  void icmp_echo_turns_into_its_reply() {
    Frame frame = payload(56);
    Icmpv4View.prepend(frame, Icmpv4View.ECHO_REQUEST, 0, 0x12340007);
    Icmpv4View view = new Icmpv4View();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    assertTrue(view.checksumValid());
    assertEquals(0x1234, view.id());
    assertEquals(7, view.sequence());
    assertEquals(56, view.payloadLength());
    view.turnIntoReply();
    assertEquals(Icmpv4View.ECHO_REPLY, view.type());
    assertTrue(view.checksumValid());
  }

  @Test
  void ipv6_header_round_trips() {
    IpAddr guest = IpAddr.parse("fec0::15");
    IpAddr host = IpAddr.parse("fec0::2");
    Frame frame = payload(24);
    Ipv6View.prepend(frame, 0xb8, 64, IpProtocol.TCP, guest, host);
    Ipv6View view = new Ipv6View();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    assertEquals(guest, view.source());
    assertEquals(host, view.destination());
    assertEquals(0xb8, view.trafficClass());
    assertEquals(64, view.hopLimit());
    assertEquals(IpProtocol.TCP, view.protocol());
    assertEquals(frame.start() + 40, view.payload());
    assertEquals(frame.end(), view.end());
  }

  @Test
  void ipv6_extension_chain_is_walked_to_the_upper_header() {
    byte[] packet = ipv6Chain(0, 60, 43, 44, 17);
    packet[40 + 16 + 2] = 4; // routing type other than 0
    Ipv6View view = new Ipv6View();
    assertTrue(view.wrap(ByteBuffer.wrap(packet), 0, packet.length));
    assertEquals(IpProtocol.UDP, view.protocol());
    assertEquals(40 + 4 * 8, view.payload());
    assertTrue(view.isFragment());
    assertEquals(0, view.fragmentOffset());
  }

  @Test
  void ipv6_hostile_chains_are_refused() {
    assertExtensionProblem(ipv6Chain(60, 0, 17), "hop-by-hop not first");
    assertExtensionProblem(ipv6Chain(43, 17), "routing header 0");
    assertExtensionProblem(ipv6Chain(60, 60, 60, 60, 60, 60, 60, 60, 60, 17), "nine headers");
    byte[] tooLong = ipv6Chain(60, 17);
    tooLong[41] = 9;
    assertExtensionProblem(tooLong, "extension longer than the packet");
    byte[] cut = ipv6Chain(60, 60, 17);
    cut[5] = 10;
    assertExtensionProblem(cut, "chain passes the payload length");
  }

  private static void assertExtensionProblem(byte[] packet, String why) {
    Ipv6View view = new Ipv6View();
    assertFalse(view.wrap(ByteBuffer.wrap(packet), 0, packet.length), why);
    assertEquals(DropReason.IPV6_EXTENSION, view.problem(), why);
  }

  @Test
  void ipv6_jumbo_and_short_packets_are_refused() {
    Ipv6View view = new Ipv6View();
    byte[] jumbo = ipv6Chain(0, 17);
    jumbo[5] = 0;
    assertFalse(view.wrap(ByteBuffer.wrap(jumbo), 0, jumbo.length));
    assertEquals(DropReason.IPV6_HEADER, view.problem());
    byte[] good = ipv6Chain(17);
    assertFalse(view.wrap(ByteBuffer.wrap(good), 0, good.length - 1));
    assertFalse(view.wrap(ByteBuffer.wrap(good), 0, 39));
  }

  /** A packet with the given chain of 8-byte headers, the last number being the upper protocol. */
  private static byte[] ipv6Chain(int... headers) {
    int extensions = headers.length - 1;
    ByteBuffer packet = ByteBuffer.allocate(40 + extensions * 8 + 8);
    packet.put(0, (byte) 0x60).putShort(4, (short) (extensions * 8 + 8)).put(6, (byte) headers[0]);
    for (int i = 0; i < extensions; i++) {
      packet.put(40 + i * 8, (byte) headers[i + 1]);
    }
    return packet.array();
  }

  @Test
  void views_over_hostile_bytes_never_throw() {
    Ipv4View ip = new Ipv4View();
    UdpView udp = new UdpView();
    Icmpv4View icmp = new Icmpv4View();
    Fuzz.hostile(
        1,
        ROUNDS,
        udp(40).toByteArray(),
        packet -> {
          ByteBuffer bytes = ByteBuffer.wrap(packet);
          if (!ip.wrap(bytes, 0, packet.length)) {
            return;
          }
          ip.optionsAcceptable();
          ip.checksumValid();
          int end = ip.start() + ip.totalLength();
          if (udp.wrap(bytes, ip.payload(), end)) {
            udp.checksumValid(IpAddr.v4(ip.source()), IpAddr.v4(ip.destination()));
          }
          if (icmp.wrap(bytes, ip.payload(), end)) {
            icmp.checksumValid();
            ip.wrapHeader(bytes, icmp.payload(), end);
          }
        });
  }

  @Test
  void ipv6_view_over_hostile_bytes_never_throws_and_stays_inside() {
    Ipv6View view = new Ipv6View();
    Fuzz.hostile(
        2,
        ROUNDS,
        ipv6Chain(0, 60, 44, 51, 60, 17),
        packet -> {
          if (view.wrap(ByteBuffer.wrap(packet), 0, packet.length)) {
            assertTrue(view.payload() <= view.end() && view.end() <= packet.length);
            view.fragmentOffset();
            view.fragmentId();
            view.source();
          }
        });
  }

  @Test
  void arp_view_over_hostile_bytes_never_throws() {
    Frame frame = Frame.unpooled(64);
    ArpView.append(frame, ArpView.REPLY, 1, GUEST, 2, HOST);
    ArpView view = new ArpView();
    Fuzz.hostile(
        3,
        ROUNDS,
        frame.toByteArray(),
        packet -> {
          if (view.wrap(ByteBuffer.wrap(packet), 0, packet.length)) {
            view.targetIp();
          }
        });
  }
}
