package dev.dunlin.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;
import dev.dunlin.testing.Fuzz;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReassemblerTest {
  private final TestStack stack = new TestStack();

  @AfterEach
  void nothing_leaks() {
    stack.assertNothingLeaks();
  }

  /** A UDP datagram to the outside with so much payload, without IP header. */
  private static byte[] datagram(int payload) {
    Frame frame = Packets.of(Packets.noise(payload, payload));
    UdpView.prepend(frame, Packets.GUEST, 5000, Packets.OUTSIDE, 7);
    frame.completeChecksum();
    return frame.toByteArray();
  }

  private static List<Frame> cut(byte[] datagram, int id, int piece) {
    List<Frame> fragments = new ArrayList<>();
    for (int at = 0; at < datagram.length; at += piece) {
      int end = Math.min(at + piece, datagram.length);
      fragments.add(fragment(id, at, end < datagram.length, Arrays.copyOfRange(datagram, at, end)));
    }
    return fragments;
  }

  private static Frame fragment(int id, int offset, boolean more, byte... data) {
    return Packets.fragment(Packets.OUTSIDE, IpProtocol.UDP, id, offset, more, data);
  }

  private byte[] arrived() {
    assertEquals(1, stack.host.udp.size());
    assertEquals(1, stack.host.udp.get(0).sent.size());
    return stack.host.udp.get(0).sent.get(0);
  }

  @Test
  void fragments_in_any_order_become_the_datagram() {
    for (int seed = 0; seed < 50; seed++) {
      int size = new Random(seed).nextInt(65_507);
      List<Frame> fragments = cut(datagram(size), seed, 8 * (1 + new Random(seed).nextInt(180)));
      Collections.shuffle(fragments, new Random(seed));
      fragments.forEach(stack::guest);
      List<byte[]> sent = stack.host.udp.get(0).sent;
      assertEquals(seed + 1, sent.size());
      assertArrayEquals(Packets.noise(size, size), sent.get(seed));
    }
    assertEquals(0, stack.reassembler.size());
    assertEquals(0, stack.drops.total());
  }

  @Test
  void longest_datagram_passes_in_the_smallest_fragments() {
    cut(datagram(65_507), 1, 8).forEach(stack::guest);
    assertEquals(65_507, arrived().length);
  }

  @Test
  void exact_duplicates_are_ignored() {
    List<Frame> fragments = cut(datagram(3000), 1, 1480);
    stack.guest(fragments.get(0));
    stack.guest(fragments.get(0));
    stack.guest(fragments.get(2));
    stack.guest(fragments.get(2));
    stack.guest(fragments.get(1));
    assertEquals(3000, arrived().length);
    assertEquals(0, stack.drops.total());
  }

  @Test
  void overlap_drops_the_lot_and_what_still_comes() {
    List<Frame> fragments = cut(datagram(3000), 1, 1480);
    stack.guest(fragments.get(0));
    stack.guest(fragment(1, 1472, true, Packets.noise(16, 9)));
    stack.guest(fragments.get(1));
    stack.guest(fragments.get(2));
    stack.assertDropped(DropReason.FRAGMENT_OVERLAP, 3);
    assertTrue(stack.host.udp.isEmpty());
    stack.pass(Duration.ofSeconds(30));
    fragments.forEach(stack::guest);
    assertEquals(3000, arrived().length);
  }

  @Test
  void duplicate_with_other_bytes_is_an_overlap() {
    stack.guest(fragment(1, 0, true, Packets.noise(16, 1)));
    stack.guest(fragment(1, 0, true, Packets.noise(16, 2)));
    stack.assertDropped(DropReason.FRAGMENT_OVERLAP, 1);
  }

  @Test
  void second_last_fragment_with_another_end_is_an_overlap() {
    stack.guest(fragment(1, 16, false, Packets.noise(8, 1)));
    stack.guest(fragment(1, 32, false, Packets.noise(8, 1)));
    stack.assertDropped(DropReason.FRAGMENT_OVERLAP, 1);
    stack.guest(fragment(2, 16, false, Packets.noise(8, 1)));
    stack.guest(fragment(2, 24, true, Packets.noise(8, 1)));
    stack.assertDropped(DropReason.FRAGMENT_OVERLAP, 2);
    stack.guest(fragment(3, 24, true, Packets.noise(8, 1)));
    stack.guest(fragment(3, 8, false, Packets.noise(8, 1)));
    stack.assertDropped(DropReason.FRAGMENT_OVERLAP, 3);
  }

  @Test
  void offset_plus_length_above_65535_is_malformed() {
    stack.guest(fragment(1, 65_528, false, Packets.noise(8, 1)));
    stack.guest(fragment(1, 65_512, false, Packets.noise(8, 1)));
    stack.assertDropped(DropReason.FRAGMENT_MALFORMED, 2);
    assertEquals(0, stack.reassembler.size());
  }

  @Test
  void first_header_longer_than_the_last_ones_counts_toward_65535() {
    stack.guest(fragment(1, 65_504, false, Packets.noise(11, 1)));
    assertEquals(1, stack.reassembler.size());
    Frame first = Packets.of(new byte[] {1, 1, 1, 0});
    first.append(java.nio.ByteBuffer.wrap(Packets.noise(8, 2)));
    Ipv4View.prepend(
        first,
        0,
        1,
        Ipv4View.MORE_FRAGMENTS,
        64,
        IpProtocol.UDP,
        Packets.GUEST.v4(),
        Packets.OUTSIDE.v4());
    first.bytes().put(first.start(), (byte) 0x46);
    Ipv4View ip = new Ipv4View();
    assertTrue(ip.wrapHeader(first.bytes(), first.start(), first.end()));
    ip.writeChecksum();
    stack.guest(Packets.ethernet(first, 0x0800));
    stack.assertDropped(DropReason.FRAGMENT_MALFORMED, 1);
    assertEquals(0, stack.pool.leased(), "its buffer is given back at once");
  }

  @Test
  void empty_and_crooked_fragments_are_malformed() {
    stack.guest(fragment(1, 8, true));
    stack.guest(fragment(1, 8, false));
    stack.guest(fragment(1, 0, true, Packets.noise(9, 1)));
    stack.assertDropped(DropReason.FRAGMENT_MALFORMED, 3);
  }

  @Test
  void one_byte_fragment_flood_is_bounded_in_memory() {
    for (int id = 0; id < 5000; id++) {
      stack.guest(fragment(id, 8, false, (byte) 1));
    }
    assertEquals(Reassembler.MOST_DATAGRAMS, stack.reassembler.size());
    assertEquals(Reassembler.MOST_DATAGRAMS, stack.pool.leased());
    stack.assertDropped(DropReason.FRAGMENT_BOUND, 5000 - Reassembler.MOST_DATAGRAMS);
  }

  @Test
  void honest_datagram_passes_after_a_flood() {
    one_byte_fragment_flood_is_bounded_in_memory();
    cut(datagram(3000), 9999, 1480).forEach(stack::guest);
    assertEquals(3000, arrived().length);
  }

  @Test
  void same_id_of_different_protocols_does_not_mix() {
    List<Frame> fragments = cut(datagram(2000), 1, 1480);
    stack.guest(fragments.get(0));
    stack.guest(
        Packets.fragment(Packets.OUTSIDE, IpProtocol.TCP, 1, 1480, false, Packets.noise(28, 1)));
    assertTrue(stack.host.udp.isEmpty());
    stack.guest(fragments.get(1));
    assertEquals(2000, arrived().length);
  }

  @Test
  void missing_last_fragment_times_out_and_the_guest_is_told() {
    stack.guest(cut(datagram(3000), 1, 1480).get(0));
    stack.guest(cut(datagram(3000), 2, 1480).get(1));
    stack.pass(Duration.ofSeconds(29));
    assertEquals(2, stack.reassembler.size());
    stack.pass(Duration.ofSeconds(1));
    assertEquals(0, stack.reassembler.size());
    stack.assertDropped(DropReason.FRAGMENT_TIMEOUT, 2);
    // Only about the one whose first fragment came (RFC 792).
    Ipv4View quoted = stack.link.only().icmpError(11, 1).quoted();
    assertEquals(1, quoted.id());
    assertEquals(Timed.IDLE, stack.reassembler.delay(stack.now()));
  }

  @Test
  void fragments_to_forbidden_places_take_no_buffer() {
    stack.guest(
        Packets.fragment(
            dev.dunlin.slirp.wire.IpAddr.parse("127.0.0.1"), 17, 1, 0, true, new byte[8]));
    assertEquals(0, stack.reassembler.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {4000, 65_507})
  void large_echo_is_reassembled_answered_and_cut_again(int size) {
    Frame echo = Packets.of(Packets.noise(size, 1));
    dev.dunlin.slirp.wire.Icmpv4View.prepend(echo, 8, 0, 0x00010002);
    byte[] whole = echo.toByteArray();
    for (int at = 0; at < whole.length; at += 1480) {
      int end = Math.min(at + 1480, whole.length);
      stack.guest(
          Packets.fragment(
              Packets.GATEWAY,
              IpProtocol.ICMP,
              7,
              at,
              end < whole.length,
              Arrays.copyOfRange(whole, at, end)));
    }
    assertEquals((size + 8 + 1479) / 1480, stack.link.size());
    assertEquals(1500 + 14, stack.link.next().ip().bytes.length);
  }

  @Test
  void hostile_fragments_never_throw_and_never_leak() {
    Random random = new Random(5);
    byte[] valid = fragment(1, 8, true, Packets.noise(64, 1)).toByteArray();
    Fuzz.hostile(
        700,
        20_000,
        valid,
        packet -> {
          Ipv4View ip = new Ipv4View();
          java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(packet);
          if (packet.length > 34 && ip.wrapHeader(bytes, 14, packet.length)) {
            ip.setId(random.nextInt(20));
            ip.writeChecksum();
          }
          stack.guest(packet);
        });
    assertTrue(stack.reassembler.size() <= Reassembler.MOST_DATAGRAMS);
  }
}
