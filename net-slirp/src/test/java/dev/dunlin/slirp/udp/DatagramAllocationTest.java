package dev.dunlin.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.icmp.EchoRelay;
import dev.dunlin.slirp.icmp.IcmpErrors;
import dev.dunlin.slirp.icmp.IcmpInput;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.ip.Ipv4Input;
import dev.dunlin.slirp.ip.Reassembler;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.FrameDemux;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.UdpView;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A running UDP flow makes no objects, from the Ethernet frame to the socket and back. */
final class DatagramAllocationTest {
  private static final int ROUNDS = 20_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final FramePool pool = new FramePool(64, 4);
  private final DropCounters drops = new DropCounters();
  private final VirtualNet net = VirtualNet.standard();
  private final Routing routing = Routing.standard(net, false);
  private long toGuest;
  private long toHost;
  private DatagramFlow.@Nullable Listener listener;

  private final Neighbours neighbours =
      new Neighbours(
          net,
          pool,
          frame -> {
            frame.completeChecksum();
            toGuest++;
            frame.release();
          },
          drops);
  private final IpOutput output = new IpOutput(neighbours, pool, 1500, new Random(1), drops);
  private final IcmpErrors errors = new IcmpErrors(net, pool, output, drops);
  private final UdpFlows flows =
      new UdpFlows(routing, this::open, new UdpOutput(output), errors, drops, 100);
  private final FrameDemux demux = demux();

  private DatagramFlow open(
      IpAddr guest, int guestPort, IpAddr host, int port, DatagramFlow.Listener heard) {
    listener = heard;
    return new DatagramFlow() {
      @Override
      public void send(ByteBuffer payload, int ttl, int tos, boolean dontFragment) {
        toHost += payload.remaining();
        payload.position(payload.limit());
      }

      @Override
      public int descriptor() {
        return 7;
      }

      @Override
      public void close() {}
    };
  }

  private FrameDemux demux() {
    EchoRelay relay =
        new EchoRelay(
            (to, heard) -> {
              throw new IOException("no ping sockets");
            },
            pool,
            output,
            errors,
            drops);
    IcmpInput icmp =
        new IcmpInput(net, output, relay, (t, c, m, o, op, g, gp, now) -> {}, flows, drops);
    UdpInput udp = new UdpInput(routing, new LocalPorts(), flows, errors, drops);
    Reassembler reassembler = new Reassembler(pool, errors, drops);
    Ipv4Input.Transports transports =
        new Ipv4Input.Transports(icmp, (frame, ip, now) -> frame.release(), udp);
    Ipv4Input ipv4 = new Ipv4Input(routing, neighbours, reassembler, errors, transports, drops);
    return new FrameDemux(net, neighbours, ipv4, (frame, now) -> frame.release(), drops);
  }

  @Test
  void datagrams_both_ways_allocate_nothing() {
    byte[] packet =
        Packets.udp(Packets.GUEST, 5000, Packets.OUTSIDE, 7, Packets.noise(1000, 1)).toByteArray();
    run(packet);
    toHost = 0;
    toGuest = 0;
    long before = threads.getCurrentThreadAllocatedBytes();
    run(packet);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(1000L * ROUNDS, toHost);
    assertEquals(ROUNDS, toGuest);
    assertEquals(0, drops.total());
    assertTrue(allocated < 4096, allocated + " bytes for " + 2 * ROUNDS + " datagrams");
    flows.close();
    assertEquals(0, pool.leased());
  }

  @Test
  void fragments_allocate_nothing() {
    byte[] datagram =
        Packets.udp(Packets.GUEST, 5000, Packets.OUTSIDE, 7, Packets.noise(3000, 1)).toByteArray();
    List<byte[]> pieces = new ArrayList<>();
    int headers = Packets.udp(Packets.GUEST, 5000, Packets.OUTSIDE, 7).length() - UdpView.LENGTH;
    for (int at = headers; at < datagram.length; at += 1480) {
      int end = Math.min(at + 1480, datagram.length);
      byte[] data = Arrays.copyOfRange(datagram, at, end);
      boolean more = end < datagram.length;
      pieces.add(
          Packets.fragment(Packets.OUTSIDE, IpProtocol.UDP, 1, at - headers, more, data)
              .toByteArray());
    }
    runPieces(pieces);
    toHost = 0;
    long before = threads.getCurrentThreadAllocatedBytes();
    runPieces(pieces);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(3000L * ROUNDS, toHost);
    assertEquals(0, drops.total());
    assertTrue(allocated < 4096, allocated + " bytes for " + ROUNDS + " datagrams in fragments");
    flows.close();
    assertEquals(0, pool.leased());
  }

  private void runPieces(List<byte[]> pieces) {
    for (int i = 0; i < ROUNDS; i++) {
      for (int j = 0; j < pieces.size(); j++) {
        byte[] piece = pieces.get(j);
        Frame frame = pool.take(piece.length);
        assertNotNull(frame);
        frame.bytes().put(frame.append(piece.length), piece);
        demux.receive(frame, i * 1000L);
      }
    }
  }

  private void run(byte[] packet) {
    for (int i = 0; i < ROUNDS; i++) {
      Frame frame = pool.take(packet.length);
      assertNotNull(frame);
      frame.bytes().put(frame.append(packet.length), packet);
      demux.receive(frame, i * 1000L);
      Frame answer = pool.take(1000);
      assertNotNull(answer);
      answer.append(1000);
      assertNotNull(listener);
      listener.received(answer, i * 1000L);
    }
  }
}
