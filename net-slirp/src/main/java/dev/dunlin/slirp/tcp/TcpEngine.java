package dev.dunlin.slirp.tcp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.icmp.GuestErrors;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.TcpView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Every TCP connection of a guest, each ended here and spliced to a stream of the host's. Owns the
 * flows; called by the IP layer, by forwards and by the network's loop, on that loop only.
 */
public final class TcpEngine implements GuestErrors, Timed {
  private final TcpView tcp = new TcpView();
  private final Segment segment = new Segment();
  private final Surroundings around;
  private final FlowTable table;
  private final TimerHeap timers = new TimerHeap();
  private final FlowList timeWaiting = new FlowList();
  private final FlowTurn turn;
  private final SegmentArrives arrives;
  private final SynSentArrives synSentArrives;
  private final NewFlows newFlows;
  private final GuestReports reports;
  private final BrokenFlows broken;

  /** {@code random} gives the secrets: of the initial numbers, and of the table. */
  public TcpEngine(
      TcpConfig config,
      TcpConnector connector,
      FramePool frames,
      IpOutput output,
      IpErrors errors,
      DropCounters drops,
      RandomGenerator random) {
    ChunkPool chunks = new ChunkPool(config.bufferMemory(), true);
    around =
        new Surroundings(config, frames, chunks, output, errors, drops, new Surroundings.Offload());
    table = new FlowTable(random.nextLong());
    SegmentWriter writer = new SegmentWriter(around);
    FlowList halfOpen = new FlowList();
    turn = new FlowTurn(around, writer, table, timers);
    arrives = new SegmentArrives(writer, turn, timeWaiting, drops);
    synSentArrives = new SynSentArrives(arrives, writer, turn, drops);
    FlowLimits limits = new FlowLimits(around, table, turn, halfOpen, timeWaiting);
    InitialSequence numbers = new InitialSequence(random);
    newFlows = new NewFlows(around, writer, turn, table, halfOpen, limits, numbers, connector);
    reports = new GuestReports(turn);
    broken = new BrokenFlows(writer, config.mostFlows());
  }

  /** Whether the guest's link cuts long frames itself. May change at any time. */
  public void setSegmentationOffload(boolean available) {
    around.offload().segmentation = available;
  }

  // ---- from the guest ----

  /** Takes a packet of either family; its destination is a single host. */
  public void receive(Frame frame, IpAddr guest, IpAddr remote, long now) {
    DropReason problem = problem(frame, guest, remote);
    if (problem != null) {
      around.drops().count(problem);
    } else {
      segment.set(frame, tcp);
      int ports = tcp.sourcePort() << 16 | tcp.destinationPort();
      dispatch(guest, remote, ports, now);
    }
    frame.release();
  }

  private @Nullable DropReason problem(Frame frame, IpAddr guest, IpAddr remote) {
    if (!tcp.wrap(frame.bytes(), frame.transport(), frame.end())) {
      return DropReason.TCP_MALFORMED;
    }
    if (!frame.checksumTrusted() && !tcp.checksumValid(guest, remote)) {
      return DropReason.TCP_CHECKSUM;
    }
    if (tcp.sourcePort() == 0 || tcp.destinationPort() == 0) {
      return DropReason.TCP_PORT_ZERO;
    }
    return segment.options.parse(tcp) ? null : DropReason.TCP_MALFORMED;
  }

  private void dispatch(IpAddr guest, IpAddr remote, int ports, long now) {
    TcpFlow flow = table.find(guest, remote, ports);
    if (flow == null) {
      broken.heard(guest, remote, ports);
      newFlows.receive(segment, guest, remote, ports, now);
    } else if (newFlows.reopens(flow, segment)) {
      newFlows.reopen(flow, segment, now);
    } else {
      flow.busy = true;
      if (flow.state() == TcpState.SYN_SENT) {
        synSentArrives.receive(flow, segment, now);
      } else {
        arrives.receive(flow, segment, now);
      }
      turn.take(flow, now);
    }
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
    TcpFlow flow = table.find(guest, ours, guestPort << 16 | ourPort);
    if (flow != null) {
      reports.reported(flow, type, code, mtu, now);
    }
  }

  // ---- from the host ----

  /**
   * Opens a connection to the guest for a stream that the host accepted: {@code source} is who the
   * guest sees. The stream is the engine's when the answer is {@link Opening.Opened}.
   */
  public Opening open(
      IpAddr source,
      int sourcePort,
      IpAddr guest,
      int guestPort,
      TcpHost host,
      Opener opener,
      long now) {
    return newFlows.open(guest, source, guestPort << 16 | sourcePort, host, opener, now);
  }

  // ---- time, observation, end ----

  @Override
  public long delay(long now) {
    long due = timers.isEmpty() ? IDLE : Math.max(0, timers.first().heapDue - now);
    return Math.min(due, broken.delay(now));
  }

  @Override
  public void onTime(long now) {
    while (!timers.isEmpty() && timers.first().heapDue - now <= 0) {
      TcpFlow flow = timers.first();
      timers.remove(flow);
      turn.onTime(flow, now);
    }
    broken.onTime(now);
  }

  // ---- saved and gone on with ----

  /** The connections that the guest knows of and would miss. */
  public List<SavedFlow> save() {
    List<SavedFlow> all = new ArrayList<>();
    table.forEach(
        flow -> {
          // A SYN that wasn't answered comes again by itself; TIME-WAIT has nothing to lose.
          if (flow.send.isSynSent() && flow.state() != TcpState.TIME_WAIT) {
            all.add(saved(flow));
          }
        });
    return all;
  }

  private static SavedFlow saved(TcpFlow flow) {
    return new SavedFlow(
        flow.state(),
        flow.guest,
        flow.guestPort(),
        flow.remote,
        flow.remotePort(),
        flow.send.bareSequence(),
        flow.send.una,
        flow.receive.nxt);
  }

  /**
   * The guest is the one of these connections now. Those that are still here, exactly as they were,
   * go on; the guest is told that the others are broken.
   *
   * @param rolledBack whether the guest was behind this engine until now, at another moment of its
   *     life: then it has forgotten what isn't among these
   * @return how many go on
   */
  public int restore(List<SavedFlow> saved, boolean rolledBack, long now) {
    Set<TcpFlow> kept = new HashSet<>();
    for (SavedFlow each : saved) {
      TcpFlow flow = table.find(each.guest(), each.remote(), each.ports());
      if (flow != null && (!rolledBack || saved(flow).equals(each))) {
        kept.add(flow);
      } else {
        broken.add(each, now);
      }
    }
    if (rolledBack) {
      forgetAllBut(kept, now);
    }
    return kept.size();
  }

  private void forgetAllBut(Set<TcpFlow> kept, long now) {
    List<TcpFlow> all = new ArrayList<>();
    table.forEach(all::add);
    all.removeAll(kept);
    all.forEach(flow -> turn.forget(flow, now));
  }

  /** Connections, those in TIME-WAIT included. */
  public int size() {
    return table.size();
  }

  /** Pieces of buffer memory in use; zero when no connection has anything under way. */
  public int buffersInUse() {
    return around.chunks().leased();
  }

  public List<FlowInfo> flows() {
    List<FlowInfo> all = new ArrayList<>(table.size());
    table.forEach(
        flow ->
            all.add(
                new FlowInfo(
                    flow.state(),
                    flow.opener != null,
                    flow.host.descriptor(),
                    flow.guest,
                    flow.guestPort(),
                    flow.remote,
                    flow.remotePort(),
                    flow.receive.waiting(),
                    flow.send.queue.length())));
    return all;
  }

  /** Resets every connection, toward the guest and toward the host. */
  public void close(long now) {
    broken.clear();
    List<TcpFlow> all = new ArrayList<>();
    table.forEach(all::add);
    for (TcpFlow flow : all) {
      if (flow.state() == TcpState.TIME_WAIT) {
        turn.forget(flow, now);
      } else {
        turn.abort(flow, now);
      }
    }
  }
}
