package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.SeqNum;
import dev.dunlin.slirp.wire.TcpView;

/**
 * The receive sequence space of one connection (RFC 9293 section 3.3.1) and when to acknowledge.
 *
 * <pre>
 *    delivered          nxt                  adv
 *   -----|---------------|-----------|---|----|----
 *        | for the host  |   gap, and what    |
 *        |               |   came ahead of it |
 * </pre>
 */
final class ReceiveSide {
  /** Segments acknowledged at once while a connection is young, as Linux does: no slow start. */
  private static final int QUICK_ACKS = 16;

  /** Gaps that are remembered; a segment that would make one more is dropped. */
  private static final int MOST_RANGES = 32;

  private final Surroundings around;
  private int limit;
  final ReceiveBuffer buffer;
  final Ranges ahead = new Ranges(MOST_RANGES);

  int nxt;

  /** Right edge of the window that the guest was told; never moves back. */
  int adv;

  /** What the host took. */
  int delivered;

  boolean finKnown;
  int finSequence;

  /** The guest's FIN has its place in order: it sends no more. */
  boolean finished;

  int shift;
  boolean timestamps;
  int recentTimestamp;
  long recentAt;
  private int lastAckSent;

  /** An acknowledgment is to leave in this turn. */
  boolean ackNow;

  /** One is due at {@link #ackAt}. */
  boolean ackLater;

  long ackAt;
  private int unacknowledged;
  private int quick = QUICK_ACKS;

  ReceiveSide(Surroundings around) {
    this.around = around;
    this.limit = around.config().receiveBuffer();
    this.buffer = new ReceiveBuffer(around.chunks(), limit);
  }

  /** The guest's SYN had this number. */
  void begin(int initial) {
    nxt = initial + 1;
    delivered = nxt;
    adv = nxt;
    lastAckSent = nxt;
  }

  // ---- window ----

  /** The largest window. */
  int limit() {
    return limit;
  }

  /** The guest scales its windows: so do we. */
  void useScale() {
    shift = around.config().windowShift();
  }

  /** Without a scale the guest can't be told more than sixteen bits. */
  void limitToUnscaled() {
    limit = Math.min(limit, 0xffff);
  }

  /** What the guest may send from {@link #nxt} on. */
  int window() {
    return adv - nxt;
  }

  /** Where the window would end if it were told now. */
  private int edge() {
    return delivered + limit;
  }

  /**
   * The window field for a segment about to leave, which then counts as told. The edge moves only
   * by a worthwhile step (RFC 9293 section 3.8.6.2.2) and is rounded up to the scale's unit, since
   * rounding down would take back what was promised.
   */
  int advertise(int segment, boolean scaled) {
    if (isWorthTelling(segment)) {
      adv = edge();
    }
    int scale = scaled ? shift : 0;
    int field = Math.min(0xffff, (window() + (1 << scale) - 1) >>> scale);
    adv = SeqNum.max(adv, nxt + (field << scale));
    lastAckSent = nxt;
    ackNow = false;
    ackLater = false;
    unacknowledged = 0;
    return field;
  }

  private boolean isWorthTelling(int segment) {
    return edge() - adv >= Math.min(segment, limit / 2);
  }

  /** Whether the host took so much that a guest which waits should hear of it. */
  boolean hasNewsOfWindow(int segment) {
    return !finished && edge() - adv >= Math.min(limit / 2, 2 * segment) && window() < limit / 2;
  }

  // ---- text ----

  /** Takes a segment's text, already trimmed to the window. */
  void accept(Segment segment, HostSide host, int fullSegment, long now) {
    if (segment.sequence == nxt) {
      inOrder(segment, host, fullSegment, now);
    } else {
      outOfOrder(segment);
    }
  }

  private void inOrder(Segment segment, HostSide host, int fullSegment, long now) {
    int taken = delivered == nxt ? host.write(segment, now) : 0;
    delivered += taken;
    int kept = taken + store(segment, taken, segment.length - taken);
    nxt += kept;
    boolean gaps = !ahead.isEmpty();
    joinAhead();
    if (kept < segment.length) {
      around.drops().count(DropReason.TCP_OUT_OF_ORDER);
      segment.trimBack(kept);
      ackNow = true;
    }
    deliver(host, now);
    scheduleAck(kept, fullSegment, gaps, now);
  }

  private int store(Segment segment, int from, int length) {
    return length == 0
        ? 0
        : buffer.store(
            delivered,
            segment.sequence + from,
            segment.frame.bytes(),
            segment.payload + from,
            length);
  }

  private void joinAhead() {
    if (!ahead.isEmpty() && SeqNum.upTo(ahead.left(0), nxt)) {
      nxt = SeqNum.max(nxt, ahead.right(0));
      ahead.trim(nxt);
    }
  }

  private void outOfOrder(Segment segment) {
    int from = segment.sequence;
    ackNow = true;
    if (!ahead.hasRoomFor(from, from + segment.length)) {
      around.drops().count(DropReason.TCP_OUT_OF_ORDER);
      segment.trimBack(0);
      return;
    }
    int kept = store(segment, 0, segment.length);
    if (kept < segment.length) {
      around.drops().count(DropReason.TCP_OUT_OF_ORDER);
      segment.trimBack(kept);
    }
    if (kept > 0) {
      ahead.add(from, from + kept);
    }
  }

  /** Offers the host what is kept for it. */
  void deliver(HostSide host, long now) {
    if (delivered != nxt && !buffer.isEmpty() && host.mayWrite()) {
      int waiting = (finished ? nxt - 1 : nxt) - delivered;
      delivered += host.write(buffer, delivered, delivered + waiting, now);
    }
    buffer.free(delivered, ahead.isEmpty() && isDelivered());
  }

  /** Nothing in order waits for the host. */
  boolean isDelivered() {
    return delivered == (finished ? nxt - 1 : nxt);
  }

  /** Bytes in order that the host hasn't taken. */
  int waiting() {
    return (finished ? nxt - 1 : nxt) - delivered;
  }

  // ---- acknowledgments ----

  /** RFC 9293 section 3.8.6.3, RFC 5681 section 4.2. */
  private void scheduleAck(int kept, int fullSegment, boolean gaps, long now) {
    unacknowledged += kept;
    // A super-frame is many segments; one that fills a gap is answered at once, too.
    if (quick > 0 || gaps || kept > fullSegment || unacknowledged >= 2 * fullSegment) {
      quick -= quick > 0 ? 1 : 0;
      ackNow = true;
    } else if (!ackLater) {
      ackLater = true;
      ackAt = now + around.config().delayedAck();
    }
  }

  /** Notes where the guest's FIN is; takes it when all before it came. Says whether it did. */
  boolean acceptFin(Segment segment) {
    if (segment.has(TcpView.FIN) && !finKnown) {
      finKnown = true;
      finSequence = segment.sequence + segment.length;
    }
    if (!finKnown || finished || nxt != finSequence) {
      ackNow |= finKnown && !finished;
      return false;
    }
    finished = true;
    nxt++;
    adv = SeqNum.max(adv, nxt);
    ackNow = true;
    ahead.clear();
    return true;
  }

  // ---- timestamps (RFC 7323) ----

  /** PAWS: whether the segment's timestamp is older than the last in order. */
  boolean isOutdated(Segment segment, long now, long validity) {
    return timestamps
        && segment.options.hasTimestamps()
        && segment.options.timestamp() - recentTimestamp < 0
        && now - recentAt < validity;
  }

  /** RFC 7323 section 4.3: only a segment that spans the last acknowledgment sets the echo. */
  void noteTimestamp(Segment segment, long now) {
    if (timestamps
        && segment.options.hasTimestamps()
        && SeqNum.upTo(segment.sequence, lastAckSent)
        && segment.options.timestamp() - recentTimestamp >= 0) {
      recentTimestamp = segment.options.timestamp();
      recentAt = now;
    }
  }

  void release() {
    buffer.clear();
    ahead.clear();
  }
}
