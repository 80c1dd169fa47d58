package dev.dunlin.slirp.tcp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.icmp.RateLimit;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.SeqNum;
import dev.dunlin.slirp.wire.TcpView;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connections that begin: the guest's SYN (RFC 9293 section 3.10.7.2, every address listening), a
 * host's forward, and segments of connections that don't exist (section 3.10.7.1).
 */
final class NewFlows {
  private static final int RESETS_PER_SECOND = 1000;

  private final RateLimit resets = new RateLimit(RESETS_PER_SECOND, RESETS_PER_SECOND / 5);
  private final Surroundings around;
  private final SegmentWriter writer;
  private final FlowTurn turn;
  private final FlowTable table;
  private final FlowList halfOpen;
  private final FlowLimits limits;
  private final InitialSequence numbers;
  private final TcpConnector connector;

  NewFlows(
      Surroundings around,
      SegmentWriter writer,
      FlowTurn turn,
      FlowTable table,
      FlowList halfOpen,
      FlowLimits limits,
      InitialSequence numbers,
      TcpConnector connector) {
    this.around = around;
    this.writer = writer;
    this.turn = turn;
    this.table = table;
    this.halfOpen = halfOpen;
    this.limits = limits;
    this.numbers = numbers;
    this.connector = connector;
  }

  // ---- from the guest ----

  /** A segment that no flow is known for. */
  void receive(Segment segment, IpAddr guest, IpAddr remote, int ports, long now) {
    if (segment.has(TcpView.RST)) {
      around.drops().count(DropReason.TCP_UNKNOWN_FLOW);
    } else if (segment.has(TcpView.ACK)) {
      around.drops().count(DropReason.TCP_UNKNOWN_FLOW);
      reset(remote, guest, ports, segment.acknowledgment, 0, TcpView.RST, now);
    } else if (!segment.has(TcpView.SYN) || segment.has(TcpView.FIN)) {
      around.drops().count(DropReason.TCP_FLAGS);
    } else {
      begin(segment, guest, remote, ports, null, now);
    }
  }

  private void reset(
      IpAddr remote, IpAddr guest, int ports, int sequence, int ack, int flags, long now) {
    if (resets.allow(now)) {
      writer.bare(remote, guest, Integer.rotateLeft(ports, 16), sequence, ack, flags, now);
    } else {
      around.drops().count(DropReason.TCP_RATE);
    }
  }

  /** RFC 9293 section 3.6.1, RFC 6191: a SYN that is newer than the connection in TIME-WAIT. */
  boolean reopens(TcpFlow old, Segment segment) {
    return old.state() == TcpState.TIME_WAIT
        && (segment.flags & (TcpView.SYN | TcpView.ACK | TcpView.RST | TcpView.FIN)) == TcpView.SYN
        && (SeqNum.after(segment.sequence, old.receive.nxt)
            || (old.receive.timestamps
                && segment.options.hasTimestamps()
                && segment.options.timestamp() - old.receive.recentTimestamp > 0));
  }

  void reopen(TcpFlow old, Segment segment, long now) {
    turn.forget(old, now);
    begin(segment, old.guest, old.remote, old.ports, old, now);
  }

  private void begin(
      Segment segment, IpAddr guest, IpAddr remote, int ports, @Nullable TcpFlow old, long now) {
    if (!limits.makeRoom(now)) {
      around.drops().count(DropReason.TCP_BOUND);
      refuse(segment, guest, remote, ports, now);
      return;
    }
    TcpFlow flow = make(guest, remote, ports, old, now);
    Negotiation.offer(flow);
    flow.receive.begin(segment.sequence);
    Negotiation.accept(flow, segment, writer.ourMss(guest), now);
    flow.quote = quote(segment);
    flow.enter(TcpState.SYN_RECEIVED);
    add(flow, now);
    connect(flow, segment, now);
  }

  private void connect(TcpFlow flow, Segment segment, long now) {
    flow.busy = true;
    Optional<TcpHost> host =
        connector.connect(
            flow.guest, flow.guestPort(), flow.remote, flow.remotePort(), flow.host, now);
    if (host.isEmpty()) {
      turn.forget(flow, now);
      refuse(segment, flow.guest, flow.remote, flow.ports, now);
    } else {
      flow.host.attach(host.get());
      turn.take(flow, now);
    }
  }

  private void refuse(Segment segment, IpAddr guest, IpAddr remote, int ports, long now) {
    int flags = TcpView.RST | TcpView.ACK;
    reset(remote, guest, ports, 0, segment.sequence + segment.span(), flags, now);
  }

  /** The SYN's headers: enough for an ICMP error about it. */
  private static byte[] quote(Segment segment) {
    Frame frame = segment.frame;
    byte[] quote = new byte[segment.payload - frame.network()];
    frame.bytes().get(frame.network(), quote);
    return quote;
  }

  // ---- from the host ----

  /** Sends a SYN to the guest in the name of {@code remote}. */
  Opening open(IpAddr guest, IpAddr remote, int ports, TcpHost host, Opener opener, long now) {
    if (table.find(guest, remote, ports) != null) {
      return new Opening.Taken();
    }
    if (!limits.makeRoom(now)) {
      around.drops().count(DropReason.TCP_BOUND);
      return new Opening.Full();
    }
    TcpFlow flow = make(guest, remote, ports, null, now);
    Negotiation.offer(flow);
    flow.opener = opener;
    flow.host.attach(host);
    flow.host.connected = true;
    flow.enter(TcpState.SYN_SENT);
    add(flow, now);
    flow.send.sendSyn(now);
    turn.take(flow, now);
    return new Opening.Opened(flow.host);
  }

  private TcpFlow make(IpAddr guest, IpAddr remote, int ports, @Nullable TcpFlow old, long now) {
    long secret = numbers.secretOf(guest, remote, ports);
    int offset = InitialSequence.timestampOffset(secret);
    TcpFlow flow =
        new TcpFlow(guest, remote, ports, around, writer, turn, numbers.origin(now), offset);
    int sequence = numbers.sequence(secret, now);
    if (old != null && !SeqNum.after(sequence, old.send.max)) {
      // A fast connection may have outrun the clock that numbers are taken from.
      sequence = old.send.max + 0x10000;
    }
    flow.send.begin(sequence);
    return flow;
  }

  private void add(TcpFlow flow, long now) {
    flow.lastHeard = now;
    table.add(flow);
    halfOpen.add(flow);
  }
}
