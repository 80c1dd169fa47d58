package dev.dunlin.slirp.udp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.icmp.GuestErrors;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.HostFailureException;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The table of UDP flows, in the order of their last use. Bound: {@code mostFlows}; the flow unused
 * longest is closed to make room, so a guest that scans exhausts nothing but its own flows.
 */
public final class UdpFlows implements Timed, GuestErrors {
  public static final int DEFAULT_MOST_FLOWS = 1024;

  private static final boolean BY_ACCESS = true;
  private static final int PORT_UNREACHABLE = 3;

  /** Ports tried for a forwarded peer whose visible address and port another one already has. */
  private static final int MOST_VISIBLE_PORTS = 16;

  private static final int PORT_STRIDE = 4099;

  private final Map<FlowKey, UdpFlow> flows = new LinkedHashMap<>(64, 0.75f, BY_ACCESS);
  private final FlowKey probe = new FlowKey();
  private final Routing routing;
  private final DatagramFlow.Factory sockets;
  private final UdpOutput output;
  private final IpErrors errors;
  private final DropCounters drops;
  private final int mostFlows;
  private long nextSweep;

  public UdpFlows(
      Routing routing,
      DatagramFlow.Factory sockets,
      UdpOutput output,
      IpErrors errors,
      DropCounters drops,
      int mostFlows) {
    this.routing = routing;
    this.sockets = sockets;
    this.output = output;
    this.errors = errors;
    this.drops = drops;
    this.mostFlows = mostFlows;
  }

  // ---- from the guest ----

  /** Takes the frame and says true when it belongs to a flow that exists. */
  boolean continues(Frame frame, Ipv4View ip, UdpView udp, IpAddr guest, IpAddr remote, long now) {
    UdpFlow flow = flows.get(probe.set(guest, udp.sourcePort(), remote, udp.destinationPort()));
    if (flow == null) {
      return false;
    }
    carry(flow, frame, ip, udp, now);
    return true;
  }

  /** Takes the first datagram of a flow to {@code host}, the address behind the visible one. */
  void begin(
      Frame frame, Ipv4View ip, UdpView udp, IpAddr guest, IpAddr remote, IpAddr host, long now) {
    FlowKey key = new FlowKey().set(guest, udp.sourcePort(), remote, udp.destinationPort());
    UdpFlow flow = new UdpFlow(key, null, host, udp.destinationPort());
    try {
      flow.socket =
          sockets.open(guest, udp.sourcePort(), host, udp.destinationPort(), new FromHost(flow));
    } catch (HostFailureException e) {
      errors.report(e.failure().error(), e.failure().mtu(), frame, now);
      drops.drop(frame, DropReason.UDP_HOST);
      return;
    } catch (IOException e) {
      drops.drop(frame, DropReason.UDP_HOST);
      return;
    }
    add(flow, now);
    carry(flow, frame, ip, udp, now);
  }

  private static void carry(UdpFlow flow, Frame frame, Ipv4View ip, UdpView udp, long now) {
    flow.guestSpoke(frame, ip, now);
    int ttl = ip.ttl() - 1;
    int tos = ip.tos();
    ByteBuffer payload = frame.window(udp.payload(), udp.payloadLength());
    flow.toHost(payload, ttl, tos, ip.dontFragment());
    frame.endWindow();
    frame.release();
  }

  private void add(UdpFlow flow, long now) {
    flow.lastUsed = now;
    long due = now + flow.idleTime();
    nextSweep = flows.isEmpty() || due - nextSweep < 0 ? due : nextSweep;
    flows.put(flow.key, flow);
    if (flows.size() > mostFlows) {
      Iterator<UdpFlow> eldest = flows.values().iterator();
      UdpFlow idle = eldest.next();
      eldest.remove();
      idle.close();
      drops.count(DropReason.UDP_BOUND);
    }
  }

  // ---- from the host ----

  /** A flow's socket speaks. */
  private final class FromHost implements DatagramFlow.Listener {
    private final UdpFlow flow;

    FromHost(UdpFlow flow) {
      this.flow = flow;
    }

    @Override
    public void received(Frame payload, long now) {
      if (flows.get(flow.key) != flow) {
        payload.release(); // came in while the flow was being closed
        return;
      }
      toGuest(flow, payload, now);
    }

    @Override
    public void failed(HostFailure failure, long now) {
      if (flow.hasQuote()) {
        errors.report(failure, flow.quote(), now);
      }
    }
  }

  /**
   * Takes a datagram that came to a forwarded port of the host and begins or continues its flow. A
   * peer on the host's loopback appears to the guest as the gateway.
   */
  public void fromForward(Frame payload, UdpForward forward, IpAddr peer, int peerPort, long now) {
    UdpFlow flow = forwardFlow(forward, peer, peerPort, now);
    if (flow == null) {
      drops.drop(payload, DropReason.UDP_BOUND);
    } else {
      toGuest(flow, payload, now);
    }
  }

  private @Nullable UdpFlow forwardFlow(UdpForward forward, IpAddr peer, int peerPort, long now) {
    IpAddr visible = routing.visibleSource(peer);
    for (int attempt = 0; attempt < MOST_VISIBLE_PORTS; attempt++) {
      int port = visiblePort(peerPort, attempt);
      UdpFlow flow = flows.get(probe.set(forward.guest(), forward.guestPort(), visible, port));
      if (flow == null) {
        UdpFlow fresh = new UdpFlow(probe.copy(), forward, peer, peerPort);
        add(fresh, now);
        return fresh;
      }
      if (flow.forward == forward && flow.peer.equals(peer) && flow.peerPort == peerPort) {
        return flow;
      }
    }
    return null;
  }

  private static int visiblePort(int peerPort, int attempt) {
    return attempt == 0 ? peerPort : 1024 + (peerPort + attempt * PORT_STRIDE) % (65_536 - 1024);
  }

  private void toGuest(UdpFlow flow, Frame payload, long now) {
    if (payload.length() > UdpView.MAX_PAYLOAD) {
      drops.drop(payload, DropReason.TOO_BIG);
      return;
    }
    flow.remoteSpoke(now);
    FlowKey key = flow.key;
    output.send(payload, key.remote(), key.remotePort(), key.guest(), key.guestPort(), now);
  }

  /** Ends the flows of a forward that is being removed. */
  public void forwardRemoved(UdpForward forward) {
    flows.values().removeIf(flow -> flow.forward == forward);
  }

  // ---- errors from the guest, time ----

  /** The guest closed its port: so do we, and the host's kernel tells the sender. */
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
    if (code == PORT_UNREACHABLE) {
      UdpFlow flow = flows.remove(probe.set(guest, guestPort, ours, ourPort));
      if (flow != null) {
        flow.close();
      }
    }
  }

  /** Who looks at the table. */
  @FunctionalInterface
  public interface Visitor {
    /** One flow: the guest's end, the other one, and how long it would live from now. */
    void flow(
        int descriptor,
        IpAddr guest,
        int guestPort,
        IpAddr remote,
        int remotePort,
        long idleNanos,
        boolean forwarded);
  }

  /** Shows every flow; the table must not change meanwhile. */
  public void visit(Visitor visitor, long now) {
    for (UdpFlow flow : flows.values()) {
      FlowKey key = flow.key;
      long left = flow.lastUsed + flow.idleTime() - now;
      visitor.flow(
          flow.descriptor(),
          key.guest(),
          key.guestPort(),
          key.remote(),
          key.remotePort(),
          left,
          flow.forward != null);
    }
  }

  /** Flows open now. */
  public int size() {
    return flows.size();
  }

  @Override
  public long delay(long now) {
    return flows.isEmpty() ? IDLE : Math.max(0, nextSweep - now);
  }

  @Override
  public void onTime(long now) {
    if (delay(now) > 0) {
      return;
    }
    long shortest = UdpFlow.TWO_WAY_IDLE;
    Iterator<UdpFlow> all = flows.values().iterator();
    while (all.hasNext()) {
      UdpFlow flow = all.next();
      long left = flow.lastUsed + flow.idleTime() - now;
      if (left <= 0) {
        all.remove();
        flow.close();
      } else {
        shortest = Math.min(shortest, left);
      }
    }
    // Use only postpones a deadline, so nothing is due before this.
    nextSweep = now + shortest;
  }

  public void close() {
    flows.values().forEach(UdpFlow::close);
    flows.clear();
  }
}
