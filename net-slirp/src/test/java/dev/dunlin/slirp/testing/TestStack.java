package dev.dunlin.slirp.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import dev.dunlin.slirp.ip.TransportInput;
import dev.dunlin.slirp.link.FrameDemux;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.udp.LocalPorts;
import dev.dunlin.slirp.udp.UdpFlows;
import dev.dunlin.slirp.udp.UdpInput;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The whole protocol half on a manual clock: frames in at {@link #guest}, frames out at a link. */
public final class TestStack {
  public final ManualClock clock = new ManualClock();
  public final FramePool pool = new FramePool(256, 40, false);
  public final DropCounters drops = new DropCounters();
  public final TestLink link = new TestLink();
  public final VirtualNet net = VirtualNet.standard();
  public final Routing routing;
  public final Neighbours neighbours;
  public final IpOutput output;
  public final IcmpErrors errors;
  public final Reassembler reassembler;
  public final FakeHost host = new FakeHost(pool);
  public final EchoRelay relay;
  public final UdpOutput udpOutput;
  public final UdpFlows flows;
  public final LocalPorts ports = new LocalPorts();
  public final FrameDemux demux;

  /** TCP packets that got through, released at once. */
  public final List<byte[]> tcp = new ArrayList<>();

  /** Errors that the guest reported about TCP. */
  public final List<String> tcpErrors = new ArrayList<>();

  private final List<Timed> timed;

  public TestStack() {
    this(new Routing(VirtualNet.standard(), false, true, false, address -> false), 1500);
  }

  public TestStack(Routing routing, int mtu) {
    this(routing, mtu, null);
  }

  /** With the frames to the guest passing through {@code port} (which ends at {@link #link}). */
  public TestStack(
      Routing routing,
      int mtu,
      java.util.function.@org.jspecify.annotations.Nullable UnaryOperator<FramePort> port) {
    this.routing = routing;
    FramePort out = port == null ? link : port.apply(link);
    neighbours = new Neighbours(net, pool, out, drops);
    output = new IpOutput(neighbours, pool, mtu, new Random(1), drops);
    errors = new IcmpErrors(net, pool, output, drops);
    reassembler = new Reassembler(pool, errors, drops);
    relay = new EchoRelay(host, pool, output, errors, drops);
    udpOutput = new UdpOutput(output);
    flows = new UdpFlows(routing, host, udpOutput, errors, drops, 100);
    IcmpInput icmp =
        new IcmpInput(
            net,
            output,
            relay,
            (type, code, size, ours, ourPort, guest, guestPort, now) ->
                tcpErrors.add(type + "/" + code + " mtu " + size + " port " + ourPort),
            flows,
            drops);
    TransportInput tcpInput =
        (frame, ip, now) -> {
          tcp.add(frame.toByteArray());
          frame.release();
        };
    UdpInput udp = new UdpInput(routing, ports, flows, errors, drops);
    Ipv4Input ipv4 =
        new Ipv4Input(
            routing,
            neighbours,
            reassembler,
            errors,
            new Ipv4Input.Transports(icmp, tcpInput, udp),
            drops);
    demux =
        new FrameDemux(
            net,
            neighbours,
            ipv4,
            (frame, now) -> drops.drop(frame, DropReason.IPV6_DISABLED),
            drops);
    timed = List.of(neighbours, reassembler, relay, flows);
  }

  public long now() {
    return clock.nanoTime();
  }

  /** The guest sends: the bytes go through a pooled frame, as a link would read them. */
  public void guest(Frame packet) {
    guest(packet.toByteArray());
  }

  public void guest(byte[] packet) {
    Frame frame = pool.take(packet.length);
    if (frame == null) {
      drops.count(DropReason.NO_FRAME);
      return;
    }
    frame.append(ByteBuffer.wrap(packet));
    demux.receive(frame, now());
  }

  public void guestUdp(IpAddr destination, int port, byte... data) {
    guest(Packets.udp(Packets.GUEST, 5000, destination, port, data));
  }

  /** Lets time pass; every deadline on the way is met at its time. */
  public void pass(Duration duration) {
    long left = duration.toNanos();
    while (true) {
      long next = timed.stream().mapToLong(each -> each.delay(now())).min().orElseThrow();
      if (next > left) {
        clock.advanceNanos(left);
        return;
      }
      clock.advanceNanos(next);
      left -= next;
      timed.forEach(each -> each.onTime(now()));
    }
  }

  /** Closes everything and asserts that no frame and no socket is left. */
  public void assertNothingLeaks() {
    flows.close();
    relay.close();
    reassembler.close();
    neighbours.close();
    assertEquals(0, pool.leased(), "frames leased");
    assertEquals(0, host.openSockets(), "sockets open");
  }

  public void assertDropped(DropReason reason, long count) {
    assertEquals(count, drops.get(reason), () -> reason + " in " + drops);
  }
}
