package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.SeqNum;

/**
 * What became of the segments under way: the scoreboard of RFC 6675 when the guest sends SACK, the
 * duplicate counting of RFC 6582 when it doesn't.
 */
final class LossRecovery {
  /** Ranges remembered of what the guest has; further ones are sent again at worst. */
  private static final int MOST_RANGES = 64;

  private static final int DUPLICATES = 3;

  private enum Phase {
    NONE,
    FAST,
    TIMEOUT
  }

  private final SendSide send;
  private final Ranges sacked = new Ranges(MOST_RANGES);
  private Phase phase = Phase.NONE;
  private int recoveryPoint;

  /** After the last number retransmitted in this recovery. */
  private int highRetransmit;

  private int duplicates;
  private boolean rescued;

  /** A tail-loss probe was seen by the guest, so whatever went before it is lost (RFC 8985). */
  private boolean tailLost;

  LossRecovery(SendSide send) {
    this.send = send;
  }

  boolean isIdle() {
    return phase == Phase.NONE && sacked.isEmpty();
  }

  // ---- what is under way ----

  /** RFC 6675's estimate of what is in the network. */
  int pipe() {
    if (sacked.isEmpty()) {
      return send.inFlight();
    }
    if (phase != Phase.FAST) {
      return send.inFlight() - sacked.covered(send.una, send.nxt);
    }
    int edge = lostEdge();
    int again = SeqNum.min(SeqNum.max(highRetransmit, send.una), edge);
    return missing(edge, send.nxt) + missing(send.una, again);
  }

  /** Numbers of the range that the guest hasn't reported. */
  private int missing(int from, int to) {
    return SeqNum.before(from, to) ? to - from - sacked.covered(from, to) : 0;
  }

  /** What isn't acknowledged before this is lost: RFC 6675's IsLost. */
  private int lostEdge() {
    int last = sacked.size() - 1;
    if (last >= 0 && tailLost) {
      return sacked.left(last);
    }
    int bytes = 0;
    for (int i = last; i >= 0; i--) {
      bytes += sacked.right(i) - sacked.left(i);
      if (bytes > (DUPLICATES - 1) * send.segment || last - i + 1 >= DUPLICATES) {
        return sacked.left(i);
      }
    }
    return send.una;
  }

  /** Going back over a loss, what the guest has needn't be sent. */
  int skipSacked(int sequence) {
    int index = sacked.find(sequence);
    return index < sacked.size() && SeqNum.upTo(sacked.left(index), sequence)
        ? SeqNum.max(sequence, SeqNum.min(sacked.right(index), send.max))
        : sequence;
  }

  /** {@code length} cut to what comes before the next range that the guest has. */
  int untilSacked(int sequence, int length) {
    int index = sacked.find(sequence);
    return index < sacked.size() ? Math.min(length, sacked.left(index) - sequence) : length;
  }

  // ---- acknowledgments ----

  /** Takes a segment's SACK blocks; says whether they told anything new. */
  boolean noteSacks(Segment in) {
    boolean news = false;
    if (!send.sack) {
      return false;
    }
    for (int i = 0; i < in.options.sackBlocks(); i++) {
      int left = in.options.sackLeft(i);
      int right = in.options.sackRight(i);
      // Blocks at or below una are duplicates (RFC 2883) or nonsense, above max only nonsense.
      boolean sane =
          SeqNum.before(left, right)
              && SeqNum.after(left, in.acknowledgment)
              && SeqNum.after(left, send.una)
              && SeqNum.upTo(right, send.max);
      news |= sane && sacked.add(left, right);
    }
    return news;
  }

  void duplicate(long now) {
    duplicates++;
    if (phase == Phase.FAST && !send.sack) {
      send.congestion.inflate(send.segment);
    }
  }

  /** {@code una} moved by {@code acked}; {@code before} was under way. */
  void advanced(int acked, int before, long now) {
    sacked.trim(send.una);
    duplicates = 0;
    if (phase == Phase.NONE) {
      // A window that wasn't used proves nothing about the path.
      if (2 * before >= send.congestion.window()) {
        send.congestion.grow(acked, send.segment);
      }
    } else if (!SeqNum.before(send.una, recoveryPoint)) {
      leave();
    } else if (phase == Phase.TIMEOUT) {
      send.congestion.grow(acked, send.segment);
    } else if (!send.sack) {
      // NewReno: a partial acknowledgment means that the next one is lost, too.
      send.congestion.deflate(acked, send.segment);
      send.congestion.inflate(send.segment);
      send.resend(send.una, send.max, now);
    }
  }

  private void leave() {
    if (phase == Phase.FAST) {
      send.congestion.settle();
    }
    phase = Phase.NONE;
    tailLost = false;
  }

  /** Begins fast retransmit when enough was seen. */
  void detect(long now) {
    if (phase != Phase.NONE || send.inFlight() == 0 || !send.flow().state().isSynchronized()) {
      return;
    }
    tailLost |= send.timer.probeArrived(sacked);
    if (duplicates >= DUPLICATES || SeqNum.after(lostEdge(), send.una)) {
      enter(now);
    }
  }

  private void enter(long now) {
    send.congestion.halve(send.inFlight(), send.segment);
    phase = Phase.FAST;
    recoveryPoint = send.max;
    rescued = false;
    int limit = sacked.isEmpty() ? send.max : sacked.left(0);
    highRetransmit = send.una + send.resend(send.una, limit, now);
    send.timer.restart();
    if (!send.sack) {
      send.congestion.inflate(DUPLICATES * send.segment);
    }
  }

  // ---- repair ----

  /**
   * RFC 6675 section 5 step C, rule 1 of NextSeg: holes known to be lost, while the pipe allows.
   */
  void retransmitLost(long now) {
    if (phase != Phase.FAST || sacked.isEmpty()) {
      return;
    }
    int edge = lostEdge();
    while (send.congestion.window() - pipe() >= send.segment) {
      int hole = skipSacked(SeqNum.max(highRetransmit, send.una));
      if (!SeqNum.before(hole, edge)) {
        return;
      }
      int index = sacked.find(hole);
      int limit = index < sacked.size() ? sacked.left(index) : send.max;
      int sent = send.resend(hole, limit, now);
      if (sent == 0) {
        return;
      }
      highRetransmit = hole + sent;
    }
  }

  /** Rule 4: once in a recovery the last hole goes again, lest its loss wait for a timeout. */
  void rescue(long now) {
    if (phase != Phase.FAST
        || rescued
        || sacked.isEmpty()
        || send.nxt != send.end()
        || send.congestion.window() - pipe() < send.segment) {
      return;
    }
    int highest = sacked.right(sacked.size() - 1);
    if (SeqNum.before(highest, recoveryPoint)) {
      rescued = true;
      send.resend(SeqNum.max(highest, recoveryPoint - send.segment), recoveryPoint, now);
    }
  }

  /** The retransmission timer expired; {@code first} in a row. */
  void timeout(boolean first) {
    send.congestion.collapse(send.max - send.una, send.segment, first && phase != Phase.TIMEOUT);
    phase = Phase.TIMEOUT;
    recoveryPoint = send.max;
    duplicates = 0;
    tailLost = false;
    // RFC 2018 section 8: the guest may have thrown away what it had reported.
    sacked.clear();
    send.rewind();
  }

  void clear() {
    sacked.clear();
    phase = Phase.NONE;
  }
}
