package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.slirp.icmp.EchoRelay;
import dev.dunlin.slirp.icmp.IcmpErrors;
import dev.dunlin.slirp.icmp.IcmpInput;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.ip.Ipv4Input;
import dev.dunlin.slirp.ip.Reassembler;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.FakeHost;
import dev.dunlin.slirp.testing.ManualClock;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Random;

/** The engine between IPv4 and a port, as a network assembles it, on a manual clock. */
public final class TcpStack {
  public final ManualClock clock = new ManualClock();
  public final FramePool pool = new FramePool(2048, 512, false);
  public final DropCounters drops = new DropCounters();
  public final VirtualNet net;
  public final Routing routing;
  public final Neighbours neighbours;
  public final IpOutput output;
  public final TcpDestinations destinations;
  public final TcpEngine engine;
  private final Reassembler reassembler;
  private final EchoRelay relay;
  private final Ipv4Input ipv4;

  public TcpStack(TcpConfig config, int mtu, TcpConnector sockets, FramePort port) {
    this(config, mtu, sockets, port, VirtualNet.standard(), Packets.GUEST, 7);
  }

  /** With another guest in another net, and other secrets. */
  public TcpStack(
      TcpConfig config,
      int mtu,
      TcpConnector sockets,
      FramePort port,
      VirtualNet net,
      IpAddr guest,
      long secret) {
    this.net = net;
    routing = Routing.standard(net, false);
    neighbours = new Neighbours(net, pool, port, drops);
    output = new IpOutput(neighbours, pool, mtu, new Random(1), drops);
    IcmpErrors errors = new IcmpErrors(net, pool, output, drops);
    reassembler = new Reassembler(pool, errors, drops);
    relay = new EchoRelay(new FakeHost(pool), pool, output, errors, drops);
    destinations = new TcpDestinations(routing, sockets);
    engine = new TcpEngine(config, destinations, pool, output, errors, drops, new Random(secret));
    IcmpInput icmp =
        new IcmpInput(net, output, relay, engine, (t, c, m, o, op, g, gp, now) -> {}, drops);
    TcpInput tcp = new TcpInput(routing, engine, drops);
    ipv4 =
        new Ipv4Input(
            routing,
            neighbours,
            reassembler,
            errors,
            new Ipv4Input.Transports(icmp, tcp, (frame, ip, now) -> frame.release()),
            drops);
    neighbours.learn(guest.v4(), Packets.GUEST_MAC, now());
  }

  public long now() {
    return clock.nanoTime();
  }

  /** Takes an IP packet without Ethernet, from a pooled frame. */
  public void guest(Frame packet) {
    packet.setNetwork(packet.start());
    ipv4.receive(packet, now());
  }

  /** An empty pooled frame. */
  public Frame frame(int payload) {
    Frame frame = pool.take(payload);
    if (frame == null) {
      throw new IllegalStateException("no frame");
    }
    return frame;
  }

  static int ipStart(Frame frame) {
    return frame.start() + EthernetView.LENGTH;
  }

  public void assertNothingLeaks() {
    engine.close(now());
    assertEquals(0, engine.size(), "flows");
    assertEquals(0, engine.buffersInUse(), "buffers");
    assertEquals(Timed.IDLE, engine.delay(now()), "deadlines");
    relay.close();
    reassembler.close();
    neighbours.close();
    assertEquals(0, pool.leased(), "frames");
  }
}
