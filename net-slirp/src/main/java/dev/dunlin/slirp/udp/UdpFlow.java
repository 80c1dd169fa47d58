package dev.dunlin.slirp.udp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One flow: its ends, its socket or its forward, and when it was used last. */
final class UdpFlow {
  static final long DNS_IDLE = TimeUnit.SECONDS.toNanos(10);
  static final long ONE_WAY_IDLE = TimeUnit.SECONDS.toNanos(30);
  static final long TWO_WAY_IDLE = TimeUnit.SECONDS.toNanos(120);
  private static final int DNS_PORT = 53;
  private static final int QUOTE = Ipv4View.MIN_LENGTH + UdpView.LENGTH;

  final FlowKey key;

  /** The forward that began the flow, when one did; answers go back through it. */
  final @Nullable UdpForward forward;

  /** The forward's peer with its real address, which may differ from the visible one. */
  final IpAddr peer;

  final int peerPort;
  @Nullable DatagramFlow socket;
  long lastUsed;
  private boolean guestSpoke;
  private boolean remoteSpoke;
  private final byte[] quote = new byte[QUOTE];

  UdpFlow(FlowKey key, @Nullable UdpForward forward, IpAddr peer, int peerPort) {
    this.key = key;
    this.forward = forward;
    this.peer = peer;
    this.peerPort = peerPort;
  }

  void guestSpoke(Frame frame, Ipv4View ip, long now) {
    guestSpoke = true;
    lastUsed = now;
    // Headers without options: enough for an ICMP error about this datagram (RFC 792).
    frame.bytes().get(ip.start(), quote, 0, Ipv4View.MIN_LENGTH);
    frame.bytes().get(ip.payload(), quote, Ipv4View.MIN_LENGTH, UdpView.LENGTH);
    quote[0] = 0x45;
  }

  void remoteSpoke(long now) {
    remoteSpoke = true;
    lastUsed = now;
  }

  /** The guest's last datagram, cut after its headers; only a flow in which it spoke has one. */
  ByteBuffer quote() {
    return ByteBuffer.wrap(quote);
  }

  boolean hasQuote() {
    return guestSpoke;
  }

  /** How long the flow may stay unused. */
  long idleTime() {
    if (key.remotePort() == DNS_PORT) {
      return DNS_IDLE;
    }
    return guestSpoke && remoteSpoke ? TWO_WAY_IDLE : ONE_WAY_IDLE;
  }

  void toHost(ByteBuffer payload, int ttl, int tos, boolean dontFragment) {
    if (forward != null) {
      forward.reply(payload, peer, peerPort);
    } else if (socket != null) {
      socket.send(payload, ttl, tos, dontFragment);
    }
  }

  /** The number of the host's socket that carries it. */
  int descriptor() {
    if (forward != null) {
      return forward.descriptor();
    }
    DatagramFlow own = socket;
    if (own == null) {
      throw new IllegalStateException("flow without socket: " + key);
    }
    return own.descriptor();
  }

  void close() {
    if (socket != null) {
      socket.close();
    }
  }
}
