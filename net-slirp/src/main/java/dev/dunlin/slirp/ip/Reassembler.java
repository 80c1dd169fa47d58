package dev.dunlin.slirp.ip;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Ipv4View;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts IPv4 fragments together (RFC 791 section 3.2). A fragment's bytes are copied to their final
 * place in one buffer of the longest packet's size: no list of pieces, nothing to grow, nothing
 * aliased, and no object made while a flood of fragments lasts.
 *
 * <p>Overlap kills the whole datagram and whatever else of it still comes, as RFC 5722 demands of
 * IPv6; an exact duplicate is ignored (RFC 8200 section 4.5).
 *
 * <p>Bounds: {@link #MOST_DATAGRAMS} at a time, the oldest goes; {@link #LIFETIME} each, counted
 * from its first fragment.
 */
public final class Reassembler implements Timed {
  public static final int MOST_DATAGRAMS = 16;

  /** Linux's ipfrag_time. */
  public static final long LIFETIME = TimeUnit.SECONDS.toNanos(30);

  private static final int UNIT = 8;

  private final PartialDatagram[] datagrams = new PartialDatagram[MOST_DATAGRAMS];
  private final Ipv4View header = new Ipv4View();
  private final FramePool pool;
  private final IpErrors errors;
  private final DropCounters drops;

  public Reassembler(FramePool pool, IpErrors errors, DropCounters drops) {
    this.pool = pool;
    this.errors = errors;
    this.drops = drops;
    for (int i = 0; i < MOST_DATAGRAMS; i++) {
      datagrams[i] = new PartialDatagram();
    }
  }

  /**
   * Takes a fragment; returns the datagram that it completes, with the header of its first
   * fragment, or null.
   */
  @Nullable Frame add(Frame fragment, Ipv4View ip, long now) {
    int offset = ip.fragmentOffset();
    int length = ip.payloadLength();
    boolean last = !ip.moreFragments();
    if (length == 0
        || (!last && length % UNIT != 0)
        || offset + length + ip.headerLength() > Ipv4View.MAX_PACKET) {
      drops.drop(fragment, DropReason.FRAGMENT_MALFORMED);
      return null;
    }
    PartialDatagram datagram = find(ip);
    if (datagram == null) {
      datagram = open(ip, now);
    }
    if (datagram == null) {
      drops.drop(fragment, DropReason.FRAGMENT_BOUND);
      return null;
    }
    return collect(datagram, fragment, ip, last);
  }

  private @Nullable PartialDatagram find(Ipv4View ip) {
    for (PartialDatagram datagram : datagrams) {
      if (datagram.isOf(ip)) {
        return datagram;
      }
    }
    return null;
  }

  private @Nullable Frame collect(
      PartialDatagram datagram, Frame fragment, Ipv4View ip, boolean last) {
    switch (datagram.place(fragment, ip, last)) {
      case OVERLAP -> {
        datagram.kill();
        drops.drop(fragment, DropReason.FRAGMENT_OVERLAP);
        return null;
      }
      case TOO_LONG -> {
        datagram.kill();
        drops.drop(fragment, DropReason.FRAGMENT_MALFORMED);
        return null;
      }
      default -> fragment.release();
    }
    return datagram.isWhole() ? datagram.finish(header) : null;
  }

  private @Nullable PartialDatagram open(Ipv4View ip, long now) {
    PartialDatagram place = freeOrOldest(now);
    if (place.isUsed()) {
      place.clear();
      drops.count(DropReason.FRAGMENT_BOUND);
    }
    Frame buffer = pool.take(FramePool.LARGE);
    if (buffer == null) {
      return null;
    }
    place.open(ip, buffer, now + LIFETIME);
    return place;
  }

  private PartialDatagram freeOrOldest(long now) {
    PartialDatagram oldest = datagrams[0];
    for (PartialDatagram datagram : datagrams) {
      if (!datagram.isUsed()) {
        return datagram;
      }
      if (datagram.deadline() - now < oldest.deadline() - now) {
        oldest = datagram;
      }
    }
    return oldest;
  }

  /** Datagrams not yet whole. */
  public int size() {
    int size = 0;
    for (PartialDatagram datagram : datagrams) {
      size += datagram.isUsed() ? 1 : 0;
    }
    return size;
  }

  @Override
  public long delay(long now) {
    long shortest = IDLE;
    for (PartialDatagram datagram : datagrams) {
      if (datagram.isUsed()) {
        shortest = Math.min(shortest, Math.max(0, datagram.deadline() - now));
      }
    }
    return shortest;
  }

  @Override
  public void onTime(long now) {
    for (PartialDatagram datagram : datagrams) {
      if (datagram.isUsed() && datagram.deadline() - now <= 0) {
        expire(datagram, now);
      }
    }
  }

  private void expire(PartialDatagram datagram, long now) {
    drops.count(DropReason.FRAGMENT_TIMEOUT);
    Frame start = datagram.start();
    if (start != null) {
      errors.report(IpError.REASSEMBLY_TIMEOUT, 0, start, now);
    }
    datagram.clear();
  }

  /** Gives every buffer back. */
  public void close() {
    for (PartialDatagram datagram : datagrams) {
      datagram.clear();
    }
  }
}
