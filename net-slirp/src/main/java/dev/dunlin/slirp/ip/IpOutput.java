package dev.dunlin.slirp.ip;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.Ipv4View;
import java.util.random.RandomGenerator;

/**
 * Every IP packet to the guest: header in place, cut to the MTU when it may be, then to the
 * neighbours.
 */
public final class IpOutput {
  public static final int DEFAULT_TTL = 64;

  private final Neighbours neighbours;
  private final FramePool pool;
  private final DropCounters drops;
  private final int mtu;
  private int nextId;

  public IpOutput(
      Neighbours neighbours, FramePool pool, int mtu, RandomGenerator random, DropCounters drops) {
    this.neighbours = neighbours;
    this.pool = pool;
    this.mtu = mtu;
    this.drops = drops;
    // A random start: ids of two runs mustn't meet in one reassembly buffer.
    this.nextId = random.nextInt(0x10000);
  }

  public int mtu() {
    return mtu;
  }

  /** The identification that the next packet gets. */
  public int peekId() {
    return nextId;
  }

  /** Goes on after another's packets. */
  public void continueIds(int next) {
    nextId = next & 0xffff;
  }

  /** Takes a frame that begins with its transport header. */
  public void send(Frame frame, IpAddr source, IpAddr destination, int protocol, long now) {
    send(frame, source, destination, protocol, DEFAULT_TTL, 0, false, now);
  }

  /**
   * The same with TTL, type of service and "don't fragment" chosen. A frame to be segmented by
   * offload is never fragmented; one that may not be and is too long is dropped and counted.
   */
  public void send(
      Frame frame,
      IpAddr source,
      IpAddr destination,
      int protocol,
      int ttl,
      int tos,
      boolean dontFragment,
      long now) {
    if (!destination.isV4() || !source.isV4()) {
      drops.drop(frame, DropReason.IPV6_DISABLED);
      return;
    }
    int length = frame.length() + Ipv4View.MIN_LENGTH;
    boolean fits = length <= mtu || frame.gso() != Frame.Gso.NONE;
    if (length > Ipv4View.MAX_PACKET || (!fits && dontFragment)) {
      drops.drop(frame, DropReason.TOO_BIG);
      return;
    }
    int id = nextId();
    int flags = dontFragment ? Ipv4View.DONT_FRAGMENT : 0;
    Ipv4View.prepend(frame, tos, id, flags, ttl, protocol, source.v4(), destination.v4());
    if (fits) {
      neighbours.send(frame, destination.v4(), now);
    } else {
      fragment(frame, destination.v4(), now);
    }
  }

  /** Takes a short frame for a station that has no address yet (DHCP). */
  public void sendTo(long mac, Frame frame, IpAddr source, IpAddr destination, int protocol) {
    Ipv4View.prepend(frame, 0, nextId(), 0, DEFAULT_TTL, protocol, source.v4(), destination.v4());
    neighbours.sendTo(frame, mac);
  }

  private void fragment(Frame whole, int destination, long now) {
    // The transport checksum covers the datagram, so no link can fill it in a fragment.
    whole.completeChecksum();
    int header = whole.network();
    int payload = header + Ipv4View.MIN_LENGTH;
    int piece = (mtu - Ipv4View.MIN_LENGTH) & ~7;
    for (int at = payload; at < whole.end(); at += piece) {
      int length = Math.min(piece, whole.end() - at);
      Frame fragment = pool.take(Ipv4View.MIN_LENGTH + length + 64);
      if (fragment == null) {
        drops.count(DropReason.NO_FRAME);
        break;
      }
      copyPiece(whole, fragment, at, length);
      neighbours.send(fragment, destination, now);
    }
    whole.release();
  }

  private final Ipv4View view = new Ipv4View();

  private void copyPiece(Frame whole, Frame fragment, int at, int length) {
    int header = whole.network();
    int start = fragment.append(Ipv4View.MIN_LENGTH);
    fragment.bytes().put(start, whole.bytes(), header, Ipv4View.MIN_LENGTH);
    fragment.bytes().put(fragment.append(length), whole.bytes(), at, length);
    fragment.setNetwork(start);
    view.wrapHeader(fragment.bytes(), start, fragment.end());
    boolean more = at + length < whole.end();
    int offset = at - header - Ipv4View.MIN_LENGTH;
    view.setFragment(more ? Ipv4View.MORE_FRAGMENTS : 0, offset, Ipv4View.MIN_LENGTH + length);
  }

  private int nextId() {
    int id = nextId;
    nextId = (id + 1) & 0xffff;
    return id;
  }
}
