package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.host.ForwardSink;
import dev.dunlin.slirp.host.Forwards;
import dev.dunlin.slirp.host.HostDatagrams;
import dev.dunlin.slirp.host.HostEchoes;
import dev.dunlin.slirp.host.HostLoop;
import dev.dunlin.slirp.host.HostResolvers;
import dev.dunlin.slirp.icmp.EchoRelay;
import dev.dunlin.slirp.icmp.IcmpErrors;
import dev.dunlin.slirp.icmp.IcmpInput;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.ip.Ipv4Input;
import dev.dunlin.slirp.ip.Reassembler;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.FrameDemux;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.NetworkInput;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.saved.SavedNetwork;
import dev.dunlin.slirp.saved.SavedNetwork.Forward;
import dev.dunlin.slirp.saved.SavedNetwork.Neighbour;
import dev.dunlin.slirp.service.DnsTcpSessions;
import dev.dunlin.slirp.tcp.TcpDestinations;
import dev.dunlin.slirp.udp.LocalPorts;
import dev.dunlin.slirp.udp.UdpFlows;
import dev.dunlin.slirp.udp.UdpForward;
import dev.dunlin.slirp.udp.UdpInput;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The protocols of one user network, put together from its options: frames of the guest go in at
 * {@link #receive}, frames to it leave at what {@link #connect} named, sockets of the host are
 * opened as flows need them. Everything on the network's thread, at the end of whose turns the
 * deadlines are met.
 */
public final class UserStack implements EventLoop.TurnEnd, ForwardSink, AutoCloseable {
  private final SlirpConfig config;
  private final NetThread thread;
  private final GuestTime time;
  private final DropCounters drops = new DropCounters();
  private final GuestLink link;
  private final HostLoop host;
  private final Forwards forwards;
  private final Routing routing;
  private final Neighbours neighbours;
  private final IpOutput output;
  private final IcmpErrors errors;
  private final Reassembler reassembler;
  private final EchoRelay echoes;
  private final UdpFlows flows;
  private final StackServices services;
  private final StreamTransport streams;
  private final FrameDemux demux;
  private final Timed[] timed;

  UserStack(SlirpConfig config, NetThread thread, StackEnvironment environment) {
    this.config = config;
    this.thread = thread;
    time = new GuestTime(thread.loop().clock());
    FramePool pool = thread.pool();
    VirtualNet net = StackServices.virtualNet(config);
    link = new GuestLink(pool, drops);
    host = new HostLoop(thread, drops, time::now);
    forwards = new Forwards(host, this);
    routing = config.reach().routing(net, config.restrict());
    neighbours = new Neighbours(net, pool, link, drops);
    output = new IpOutput(neighbours, pool, config.mtu(), environment.random(), drops);
    errors = new IcmpErrors(net, pool, output, drops);
    reassembler = new Reassembler(pool, errors, drops);
    echoes = new EchoRelay(new HostEchoes(host), pool, output, errors, drops);
    UdpOutput udp = new UdpOutput(output);
    int mostFlows = UdpFlows.DEFAULT_MOST_FLOWS;
    flows = new UdpFlows(routing, new HostDatagrams(host), udp, errors, drops, mostFlows);
    HostResolvers resolvers = new HostResolvers(host, environment.random());
    services = new StackServices(config, net, neighbours, pool, udp, resolvers, environment, drops);
    streams = environment.streams().create(this);
    demux = demux(net, services.ports());
    timed =
        new Timed[] {
          neighbours,
          reassembler,
          echoes,
          flows,
          services.dns(),
          services.dnsSessions(),
          services.tftp(),
          streams
        };
    thread.turnEnds().add(this);
  }

  private FrameDemux demux(VirtualNet net, LocalPorts ports) {
    IcmpInput icmp = new IcmpInput(net, output, echoes, streams, flows, drops);
    UdpInput udp = new UdpInput(routing, ports, flows, errors, drops);
    Ipv4Input.Transports transports = new Ipv4Input.Transports(icmp, streams, udp);
    NetworkInput ipv4 =
        config.ipv4().enabled()
            ? new Ipv4Input(routing, neighbours, reassembler, errors, transports, drops)
            : (frame, now) -> drops.drop(frame, DropReason.IPV4_DISABLED);
    NetworkInput ipv6 = (frame, now) -> drops.drop(frame, DropReason.IPV6_DISABLED);
    return new FrameDemux(net, neighbours, ipv4, ipv6, drops);
  }

  // ---- frames ----

  /** Takes a frame from the guest. */
  void receive(Frame frame) {
    demux.receive(frame, now());
  }

  /** Frames to the guest leave there from now on. */
  void connect(FramePort port, Offload receivers) {
    link.connect(port, receivers);
    streams.linkChanged(receivers);
  }

  // ---- forwards ----

  Forwards forwards() {
    return forwards;
  }

  @Override
  public boolean connection(
      DirectSocket connection, HostForward forward, IpAddr peer, int peerPort) {
    return link.isConnected() && streams.accept(connection, forward, peer, peerPort, now());
  }

  @Override
  public boolean datagram(Frame payload, UdpForward forward, IpAddr peer, int peerPort) {
    if (!link.isConnected() || !forward.guest().isV4()) {
      return false;
    }
    flows.fromForward(payload, forward, peer, peerPort, now());
    return true;
  }

  @Override
  public void removed(UdpForward forward) {
    flows.forwardRemoved(forward);
  }

  // ---- time ----

  /** The one place where deadlines are met. */
  @Override
  public long beforeWait(long loopTime) {
    long now = now();
    long shortest = Timed.IDLE;
    for (Timed each : timed) {
      long delay = each.delay(now);
      if (delay <= 0) {
        each.onTime(now);
        delay = Math.max(0, each.delay(now));
      }
      shortest = Math.min(shortest, delay);
    }
    return shortest == Timed.IDLE || time.isStopped() ? -1 : shortest;
  }

  long now() {
    return time.now();
  }

  /** The guest stands still, or goes on: no deadline of the protocols passes meanwhile. */
  void setGuestStopped(boolean stopped, long at) {
    time.setStopped(stopped, at);
  }

  // ---- for what serves TCP ----

  /** Where services are bound. */
  TcpDestinations destinations() {
    return streams.destinations();
  }

  /** The options: guest forwards and the share are among them. */
  public SlirpConfig config() {
    return config;
  }

  /** The host's sockets. */
  public HostLoop host() {
    return host;
  }

  public Routing routing() {
    return routing;
  }

  public IpOutput output() {
    return output;
  }

  public IpErrors errors() {
    return errors;
  }

  public FramePool pool() {
    return thread.pool();
  }

  public DropCounters drops() {
    return drops;
  }

  /** What the guest's link does itself, now. */
  public Offload receivers() {
    return link.receivers();
  }

  /** The virtual name server over TCP. */
  public DnsTcpSessions dnsSessions() {
    return services.dnsSessions();
  }

  /** Whether it is served at all. */
  public boolean servesNames() {
    return services.servesNames();
  }

  // ---- saved and gone on with ----

  /** What the guest knows of this network. */
  SavedNetwork save(UUID origin, List<Forward> added) {
    long now = now();
    VirtualNet net = routing.net();
    return new SavedNetwork(
        origin,
        net.network(),
        net.mask(),
        output.peekId(),
        ImmutableList.copyOf(services.dhcp().leases(now)),
        neighbours.known().entrySet().stream()
            .map(each -> new Neighbour(IpAddr.v4(each.getKey()), each.getValue()))
            .collect(ImmutableList.toImmutableList()),
        ImmutableList.copyOf(added),
        StackServices.guestForwards(config),
        ImmutableList.copyOf(streams.save()));
  }

  /**
   * The guest is the one that was saved, from now on.
   *
   * @param rolledBack whether it was behind this network until now
   * @return connections that go on
   */
  int restore(SavedNetwork saved, boolean rolledBack) {
    long now = now();
    output.continueIds(saved.nextId());
    services.dhcp().replaceLeases(saved.leases(), now);
    saved.neighbours().forEach(each -> neighbours.learn(each.address().v4(), each.mac(), now));
    return streams.restore(saved.flows(), rolledBack, now);
  }

  // ---- watched and ended ----

  /** Shows every flow but the forwards' listeners. */
  void visit(Consumer<ConnectionInfo> visitor) {
    streams.visit(visitor);
    ConnectionRows rows = new ConnectionRows(visitor);
    long now = now();
    flows.visit(rows::flow, now);
    echoes.visit(rows::echo, now);
  }

  /** Ends every flow and gives every frame back. */
  @Override
  public void close() {
    thread.turnEnds().remove(this);
    streams.close();
    flows.close();
    echoes.close();
    services.close(now());
    reassembler.close();
    neighbours.close();
    host.close();
  }
}
