package dev.dunlin.slirp.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.Ipv6View;
import dev.dunlin.slirp.wire.PseudoHeader;
import dev.dunlin.slirp.wire.UdpView;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SoftwareOffloadTest {
  private static final int MSS = 1448;
  private static final int TCP_HEADER = 32;
  private static final long SEQUENCE = 0xffff_f000L;

  private final FramePool pool = new FramePool(64, 2, false);
  private final DropCounters drops = new DropCounters();
  private final List<byte[]> sent = new ArrayList<>();
  private final SoftwareOffload offload =
      new SoftwareOffload(
          pool,
          frame -> {
            assertTrue(!frame.checksumNeeded() && frame.gso() == Frame.Gso.NONE);
            sent.add(frame.toByteArray());
            frame.release();
          },
          drops);

  private Frame tcpFrame(byte[] data, boolean v6, int flags) {
    Frame frame = pool.take(data.length + 200);
    assertNotNull(frame);
    frame.append(ByteBuffer.wrap(data));
    int at = frame.prepend(TCP_HEADER);
    for (int i = 0; i < TCP_HEADER; i++) {
      frame.bytes().put(at + i, (byte) 0);
    }
    frame.bytes().putShort(at, (short) 80).putShort(at + 2, (short) 40000);
    frame.bytes().putInt(at + 4, (int) SEQUENCE).put(at + 12, (byte) 0x80);
    frame.bytes().put(at + 13, (byte) flags);
    IpAddr from = v6 ? IpAddr.parse("fec0::2") : Packets.GATEWAY;
    IpAddr to = v6 ? IpAddr.parse("fec0::15") : Packets.GUEST;
    long pseudo = PseudoHeader.sum(from, to, IpProtocol.TCP, frame.length());
    frame.bytes().putShort(at + 16, (short) Checksum.fold(pseudo));
    frame.needChecksum(at, 16);
    if (v6) {
      Ipv6View.prepend(frame, 0, 64, IpProtocol.TCP, from, to);
    } else {
      Ipv4View.prepend(
          frame, 0, 0xfffe, Ipv4View.DONT_FRAGMENT, 64, IpProtocol.TCP, from.v4(), to.v4());
    }
    int type = v6 ? EthernetView.TYPE_IPV6 : EthernetView.TYPE_IPV4;
    EthernetView.prepend(frame, Packets.GUEST_MAC, Packets.GATEWAY_MAC, type);
    int headers = 14 + (v6 ? 40 : 20) + TCP_HEADER;
    frame.setGso(v6 ? Frame.Gso.TCP_V6 : Frame.Gso.TCP_V4, MSS, headers);
    return frame;
  }

  private byte[] join(boolean v6) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    int network = 14;
    int transport = network + (v6 ? 40 : 20);
    for (byte[] piece : sent) {
      ByteBuffer bytes = ByteBuffer.wrap(piece);
      IpAddr from = v6 ? IpAddr.parse("fec0::2") : Packets.GATEWAY;
      IpAddr to = v6 ? IpAddr.parse("fec0::15") : Packets.GUEST;
      if (v6) {
        assertEquals(piece.length - 54, bytes.getShort(18));
      } else {
        Ipv4View ip = new Ipv4View();
        assertTrue(ip.wrap(bytes, network, piece.length) && ip.checksumValid());
        assertEquals(piece.length - network, ip.totalLength());
      }
      int length = piece.length - transport;
      long pseudo = PseudoHeader.sum(from, to, IpProtocol.TCP, length);
      assertTrue(Checksum.valid(pseudo, bytes, transport, length), "TCP checksum");
      assertEquals((int) SEQUENCE + joined.size(), bytes.getInt(transport + 4));
      joined.write(piece, transport + TCP_HEADER, length - TCP_HEADER);
    }
    return joined.toByteArray();
  }

  @Test
  void sixty_four_kibibytes_become_segments_of_the_mss() {
    byte[] data = Packets.noise(65_000, 1);
    offload.send(tcpFrame(data, false, 0x18));
    assertEquals((65_000 + MSS - 1) / MSS, sent.size());
    assertArrayEquals(data, join(false));
    assertEquals(0, pool.leased());
  }

  @Test
  void ipv6_segments_have_their_own_payload_length() {
    byte[] data = Packets.noise(10_001, 2);
    offload.send(tcpFrame(data, true, 0x10));
    assertEquals(7, sent.size());
    assertArrayEquals(data, join(true));
  }

  @Test
  void ids_count_up_and_flags_stay_where_they_belong() {
    offload.send(tcpFrame(Packets.noise(MSS * 3, 3), false, 0x80 | 0x19));
    assertEquals(3, sent.size());
    for (int i = 0; i < 3; i++) {
      ByteBuffer bytes = ByteBuffer.wrap(sent.get(i));
      assertEquals((0xfffe + i) & 0xffff, bytes.getShort(14 + 4) & 0xffff);
      int flags = bytes.get(14 + 20 + 13) & 0xff;
      assertEquals(0x10 | (i == 0 ? 0x80 : 0) | (i == 2 ? 0x09 : 0), flags);
    }
  }

  @Test
  void data_within_one_segment_only_gets_its_checksum() {
    byte[] data = Packets.noise(MSS, 4);
    offload.send(tcpFrame(data, false, 0x18));
    assertEquals(1, sent.size());
    assertArrayEquals(data, join(false));
  }

  @Test
  void udp_segmentation_yields_whole_datagrams() {
    Frame frame = pool.take(5000);
    assertNotNull(frame);
    byte[] data = Packets.noise(3000, 5);
    frame.append(ByteBuffer.wrap(data));
    UdpView.prepend(frame, Packets.GATEWAY, 9, Packets.GUEST, 10);
    Ipv4View.prepend(frame, 0, 1, 0, 64, IpProtocol.UDP, Packets.GATEWAY.v4(), Packets.GUEST.v4());
    EthernetView.prepend(frame, Packets.GUEST_MAC, Packets.GATEWAY_MAC, EthernetView.TYPE_IPV4);
    frame.setGso(Frame.Gso.UDP, 1200, 42);
    offload.send(frame);
    assertEquals(3, sent.size());
    int total = 0;
    for (byte[] piece : sent) {
      dev.dunlin.slirp.testing.Parsed parsed = new dev.dunlin.slirp.testing.Parsed(piece).udp();
      total += parsed.udp.payloadLength();
    }
    assertEquals(3000, total);
  }

  @Test
  void exhausted_pool_loses_the_rest_and_nothing_leaks() {
    FramePool small = new FramePool(0, 3, false);
    SoftwareOffload poor = new SoftwareOffload(small, frame -> sent.add(new byte[0]), drops);
    Frame whole = small.take(30_000);
    assertNotNull(whole);
    whole.append(20_000);
    whole.bytes().put(whole.start(), (byte) 0x45);
    whole.setGso(Frame.Gso.TCP_V4, 1448, 66);
    whole.needChecksum(whole.start() + 34, 16);
    poor.send(whole);
    assertEquals(2, sent.size());
    assertEquals(1, drops.get(DropReason.NO_FRAME));
  }
}
