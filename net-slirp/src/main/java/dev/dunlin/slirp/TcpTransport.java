package dev.dunlin.slirp;

import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.host.AcceptedStream;
import dev.dunlin.slirp.host.TcpSockets;
import dev.dunlin.slirp.service.DnsForwarder;
import dev.dunlin.slirp.service.DnsTcpService;
import dev.dunlin.slirp.tcp.FlowInfo;
import dev.dunlin.slirp.tcp.Opener;
import dev.dunlin.slirp.tcp.Opening;
import dev.dunlin.slirp.tcp.SavedFlow;
import dev.dunlin.slirp.tcp.TcpConfig;
import dev.dunlin.slirp.tcp.TcpDestinations;
import dev.dunlin.slirp.tcp.TcpEngine;
import dev.dunlin.slirp.tcp.TcpInput;
import dev.dunlin.slirp.tcp.TcpServiceHost;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.Ipv4View;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * TCP of one user network: the engine, what answers where, and the host's connections on their way
 * to the guest. On the network's thread.
 */
final class TcpTransport implements StreamTransport {
  /** Ports that a source address without one of its own is given (RFC 6335 section 6). */
  private static final int FIRST_DYNAMIC_PORT = 49_152;

  private static final int DYNAMIC_PORTS = 0x10000 - FIRST_DYNAMIC_PORT;

  /** How often another source port is tried before the connection is refused. */
  private static final int ATTEMPTS = 16;

  private static final Opener NOBODY =
      new Opener() {
        @Override
        public void established(long now) {}

        @Override
        public void refused(long now) {}

        @Override
        public void timedOut(long now) {}
      };

  private final UserStack stack;
  private final TcpDestinations destinations;
  private final TcpEngine engine;
  private final TcpInput input;
  private final RandomGenerator random;

  TcpTransport(UserStack stack, RandomGenerator random) {
    this.stack = stack;
    this.random = random;
    destinations = new TcpDestinations(stack.routing(), new TcpSockets(stack.host()));
    engine =
        new TcpEngine(
            TcpConfig.standard(),
            destinations,
            stack.pool(),
            stack.output(),
            stack.errors(),
            stack.drops(),
            random);
    input = new TcpInput(stack.routing(), engine, stack.drops());
    if (stack.servesNames()) {
      DnsTcpService names = new DnsTcpService(stack.dnsSessions());
      destinations.bind(
          stack.routing().net().dns(), DnsForwarder.PORT, TcpServiceHost.connector(names));
    }
  }

  @Override
  public TcpDestinations destinations() {
    return destinations;
  }

  @Override
  public void linkChanged(Offload receivers) {
    engine.setSegmentationOffload(receivers.checksum() && receivers.tcp4());
  }

  @Override
  public void receive(Frame frame, Ipv4View ip, long now) {
    input.receive(frame, ip, now);
  }

  @Override
  public void reported(
      int type,
      int code,
      int mtu,
      IpAddr ours,
      int ourPort,
      IpAddr guest,
      int guestPort,
      long now) {
    engine.reported(type, code, mtu, ours, ourPort, guest, guestPort, now);
  }

  // ---- from the host ----

  /** {@inheritDoc} The guest sees the peer's address, or the gateway's when that would confuse. */
  @Override
  public boolean accept(
      DirectSocket connection, HostForward forward, IpAddr peer, int peerPort, long now) {
    AcceptedStream stream = AcceptedStream.of(stack.host(), connection);
    IpAddr source = stack.routing().visibleSource(peer);
    int port = peerPort == 0 ? dynamicPort() : peerPort;
    for (int i = 0; i < ATTEMPTS; i++) {
      Opening opening =
          engine.open(
              source, port, forward.guest(), forward.guestPort(), stream.host(), NOBODY, now);
      if (opening instanceof Opening.Opened opened) {
        stream.listenFor(opened.listener());
        return true;
      }
      if (opening instanceof Opening.Full) {
        break;
      }
      port = dynamicPort();
    }
    stream.host().reset(now);
    return true;
  }

  private int dynamicPort() {
    return FIRST_DYNAMIC_PORT + random.nextInt(DYNAMIC_PORTS);
  }

  // ---- time, observation, end ----

  @Override
  public long delay(long now) {
    return engine.delay(now);
  }

  @Override
  public void onTime(long now) {
    engine.onTime(now);
  }

  @Override
  public void visit(Consumer<ConnectionInfo> visitor) {
    engine.flows().forEach(flow -> visitor.accept(row(flow)));
  }

  /** As libslirp has it: who began stands first. */
  private static ConnectionInfo row(FlowInfo flow) {
    String guest = flow.guest().toString();
    String remote = flow.remote().toString();
    OptionalInt guestPort = OptionalInt.of(flow.guestPort());
    OptionalInt remotePort = OptionalInt.of(flow.remotePort());
    boolean turned = flow.fromHost();
    return new ConnectionInfo(
        "TCP",
        flow.state().label(),
        flow.descriptor(),
        turned ? remote : guest,
        turned ? remotePort : guestPort,
        turned ? guest : remote,
        turned ? guestPort : remotePort,
        flow.toGuest(),
        flow.toHost());
  }

  @Override
  public List<SavedFlow> save() {
    return engine.save();
  }

  @Override
  public int restore(List<SavedFlow> saved, boolean rolledBack, long now) {
    return engine.restore(saved, rolledBack, now);
  }

  @Override
  public void close() {
    engine.close(stack.now());
  }
}
