package dev.dunlin.slirp.icmp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.HostFailureException;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Carries the guest's pings to the outside. All echoes of one ping run (same guest, identifier and
 * destination) share one socket, where libslirp opens one for each echo.
 *
 * <p>Bound: {@link #MOST_FLOWS} sockets, the one idle longest goes; {@link #IDLE_TIME} each.
 */
public final class EchoRelay implements Timed {
  public static final int MOST_FLOWS = 64;
  public static final long IDLE_TIME = TimeUnit.SECONDS.toNanos(60);
  private static final boolean BY_ACCESS = true;
  private static final int QUOTE = Ipv4View.MIN_LENGTH + Icmpv4View.LENGTH;

  private final Map<Key, Flow> flows = new LinkedHashMap<>(16, 0.75f, BY_ACCESS);
  private final EchoSocket.Factory sockets;
  private final FramePool pool;
  private final IpOutput output;
  private final IpErrors errors;
  private final DropCounters drops;
  private boolean refusalLogged;

  public EchoRelay(
      EchoSocket.Factory sockets,
      FramePool pool,
      IpOutput output,
      IpErrors errors,
      DropCounters drops) {
    this.sockets = sockets;
    this.pool = pool;
    this.output = output;
    this.errors = errors;
    this.drops = drops;
  }

  private record Key(IpAddr guest, int id, IpAddr destination) {}

  /** Takes an echo request whose checksum was verified. */
  void request(Frame frame, Ipv4View ip, Icmpv4View icmp, long now) {
    Key key = new Key(IpAddr.v4(ip.source()), icmp.id(), IpAddr.v4(ip.destination()));
    Flow flow = flows.get(key);
    if (flow == null) {
      flow = open(key, frame, now);
    }
    if (flow != null) {
      flow.keepQuote(frame, ip);
      flow.lastUsed = now;
      ByteBuffer data = frame.slice(icmp.payload(), icmp.payloadLength());
      socketOf(flow).send(icmp.sequence(), data, ip.ttl() - 1);
    }
    frame.release();
  }

  private @Nullable Flow open(Key key, Frame frame, long now) {
    Flow flow = new Flow(key);
    try {
      flow.socket = sockets.open(key.destination(), flow);
    } catch (HostFailureException e) {
      drops.count(DropReason.ECHO_UNAVAILABLE);
      errors.report(e.failure().error(), e.failure().mtu(), frame, now);
      return null;
    } catch (IOException e) {
      logRefusal(e);
      drops.count(DropReason.ECHO_UNAVAILABLE);
      errors.report(IpError.ADMIN_PROHIBITED, 0, frame, now);
      return null;
    }
    flows.put(key, flow);
    if (flows.size() > MOST_FLOWS) {
      Iterator<Flow> eldest = flows.values().iterator();
      Flow idle = eldest.next();
      eldest.remove();
      drops.count(DropReason.ICMP_BOUND);
      socketOf(idle).close();
    }
    return flow;
  }

  private void logRefusal(IOException e) {
    if (!refusalLogged) {
      refusalLogged = true;
      LogManager.getLogger(EchoRelay.class)
          .warn(
              "the guest can't ping the outside: {}. On Linux, put the group of this process into"
                  + " the range of sysctl net.ipv4.ping_group_range",
              e.getMessage());
    }
  }

  private static EchoSocket socketOf(Flow flow) {
    EchoSocket socket = flow.socket;
    if (socket == null) {
      throw new IllegalStateException("echo flow without socket: " + flow.key);
    }
    return socket;
  }

  /** Who looks at the table. */
  @FunctionalInterface
  public interface Visitor {
    void echo(int descriptor, IpAddr guest, IpAddr destination, long idleNanos);
  }

  /** Shows every run of pings; the table must not change meanwhile. */
  public void visit(Visitor visitor, long now) {
    for (Flow flow : flows.values()) {
      Key key = flow.key;
      long left = flow.lastUsed + IDLE_TIME - now;
      visitor.echo(socketOf(flow).descriptor(), key.guest(), key.destination(), left);
    }
  }

  /** Ping sockets open now. */
  public int size() {
    return flows.size();
  }

  @Override
  public long delay(long now) {
    Iterator<Flow> eldest = flows.values().iterator();
    return eldest.hasNext() ? Math.max(0, eldest.next().lastUsed + IDLE_TIME - now) : IDLE;
  }

  @Override
  public void onTime(long now) {
    Iterator<Flow> eldest = flows.values().iterator();
    while (eldest.hasNext()) {
      Flow flow = eldest.next();
      if (flow.lastUsed + IDLE_TIME - now > 0) {
        return;
      }
      eldest.remove();
      socketOf(flow).close();
    }
  }

  public void close() {
    flows.values().forEach(flow -> socketOf(flow).close());
    flows.clear();
  }

  /** One ping run. */
  private final class Flow implements EchoSocket.Listener {
    private final Key key;
    private final byte[] quote = new byte[QUOTE];
    private @Nullable EchoSocket socket;
    private long lastUsed;

    Flow(Key key) {
      this.key = key;
    }

    /** The last request's headers, for an error about it; options are left out of the copy. */
    void keepQuote(Frame frame, Ipv4View ip) {
      frame.bytes().get(ip.start(), quote, 0, Ipv4View.MIN_LENGTH);
      frame.bytes().get(ip.payload(), quote, Ipv4View.MIN_LENGTH, Icmpv4View.LENGTH);
      quote[0] = 0x45;
    }

    @Override
    public void replied(int sequence, ByteBuffer data, int ttl, long now) {
      Frame frame = pool.take(data.remaining() + QUOTE);
      if (frame == null) {
        drops.count(DropReason.NO_FRAME);
        return;
      }
      frame.append(data);
      Icmpv4View.prepend(frame, Icmpv4View.ECHO_REPLY, 0, key.id() << 16 | (sequence & 0xffff));
      output.send(
          frame, key.destination(), key.guest(), IpProtocol.ICMP, Math.max(1, ttl), 0, false, now);
    }

    @Override
    public void failed(HostFailure failure, long now) {
      errors.report(failure, ByteBuffer.wrap(quote), now);
    }
  }
}
