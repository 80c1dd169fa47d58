package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.SeqNum;
import dev.dunlin.slirp.wire.TcpView;

/**
 * The send sequence space of one connection (RFC 9293 section 3.3.1): what is acknowledged, what
 * goes next.
 *
 * <pre>
 *      una              nxt     max           una + window
 *   ----|----------------|-------|------------------|----
 *       | SACKed, lost?  | after a timeout: again   |
 * </pre>
 *
 * {@code nxt} is behind {@code max} only while a timeout's repair goes back over what was sent.
 */
final class SendSide {
  /** A guest that names less would have us send headers only; Linux's TCP_MIN_SND_MSS is 48. */
  static final int LEAST_SEGMENT = 88;

  private static final int MAX_PACKET = 65_535;

  private final TcpFlow flow;
  private final Surroundings around;
  private final SegmentWriter writer;
  final SendQueue queue;
  final LossRecovery recovery = new LossRecovery(this);
  final Congestion congestion = new Congestion();
  final RoundTrip trip;
  final RetransmitTimer timer;

  int initial;
  int una;
  int nxt;
  int max;

  /** Sequence number of the queue's first byte. */
  private int dataSequence;

  /** The host sends no more than what is queued: a FIN follows it. */
  private boolean finQueued;

  int window;
  int largestWindow;
  private int windowSequence;
  private int windowAcknowledgment;
  int shift;

  /** Text in a full segment: the guest's MSS or ours, less the options of every segment. */
  int segment = LEAST_SEGMENT;

  boolean sack;
  private boolean timing;
  private int timedSequence;
  private long timedAt;

  SendSide(TcpFlow flow, Surroundings around, SegmentWriter writer) {
    this.flow = flow;
    this.around = around;
    this.writer = writer;
    queue = new SendQueue(around.chunks());
    trip = new RoundTrip(around.config().shortestTimeout());
    timer = new RetransmitTimer(this, around.config());
  }

  void begin(int initialSequence) {
    initial = initialSequence;
    una = initial;
    nxt = initial;
    max = initial;
    dataSequence = initial + 1;
  }

  TcpFlow flow() {
    return flow;
  }

  // ---- what there is ----

  private int queueEnd() {
    return dataSequence + queue.length();
  }

  /** After the last number that there is to send now. */
  int end() {
    return queueEnd() + (finQueued ? 1 : 0);
  }

  int inFlight() {
    return nxt - una;
  }

  int unsent() {
    return Math.max(0, queueEnd() - nxt);
  }

  /**
   * The number of a segment without text. After a timeout {@code nxt} may be behind what the guest
   * has, which would make it refuse the acknowledgment, so it is {@code max}; but not when that
   * counts a probe that a closed window refused.
   */
  int bareSequence() {
    return isStalled() && max - una == 1 ? nxt : max;
  }

  void queueFin() {
    finQueued = true;
  }

  boolean isFinQueued() {
    return finQueued;
  }

  boolean isFinSent() {
    return finQueued && max == end();
  }

  boolean isFinAcknowledged() {
    return finQueued && una == end();
  }

  /** Offset in the queue. */
  int offset(int sequence) {
    return sequence - dataSequence;
  }

  // ---- SYN ----

  /** SYN, or SYN and ACK; again when a timeout asks. */
  void sendSyn(long now) {
    int flags = flow.state() == TcpState.SYN_SENT ? TcpView.SYN : TcpView.SYN | TcpView.ACK;
    nxt = initial + 1;
    timing = max == initial;
    timedSequence = nxt;
    timedAt = now;
    max = nxt;
    writer.send(flow, initial, 0, flags, now);
  }

  boolean isSynSent() {
    return max != initial;
  }

  // ---- the host's data ----

  /**
   * Whether another read from the host could be sent soon. With a closed window one read is wanted
   * all the same: without it there would be nothing to probe the window with.
   */
  boolean wantsMore() {
    int room = room();
    return !finQueued
        && (room > 0 ? unsent() < Math.min(room, ChunkPool.LARGE) : max == una && end() == una);
  }

  private int mostInFlight() {
    TcpConfig config = around.config();
    int most =
        around.offload().segmentation ? config.mostInFlightOffloaded() : config.mostInFlight();
    return Math.max(most, 2 * segment);
  }

  // ---- sending ----

  /**
   * Sends what may go. {@code more} means that the host has more at hand, so an end that doesn't
   * fill a frame waits for it.
   */
  void transmit(boolean more, long now) {
    recovery.retransmitLost(now);
    while (sendNext(more, false, now)) {
      // until a window is full or nothing is left
    }
    if (!more) {
      recovery.rescue(now);
    }
  }

  /** Sends one frame from {@link #nxt} on, if windows, silly-window avoidance and pool allow. */
  boolean sendNext(boolean more, boolean force, long now) {
    nxt = recovery.skipSacked(nxt);
    if (nxt == end()) {
      return false;
    }
    int room = room();
    int available = queueEnd() - nxt;
    int length = Math.min(recovery.untilSacked(nxt, Math.min(available, room)), longest());
    boolean fresh = !SeqNum.before(nxt, max);
    if (room <= 0 || (fresh && more && available < longest())) {
      return false;
    }
    if (length < available && length > segment) {
      length -= length % segment;
    }
    if (fresh && !force && length < available && isSilly(length)) {
      return false;
    }
    boolean fin = finQueued && length == available && room > length;
    return (length > 0 || fin) && emit(nxt, length, fin, now);
  }

  /** What all windows leave. */
  private int room() {
    int offered = una + window - nxt;
    int path = congestion.window() - recovery.pipe();
    return Math.min(offered, Math.min(path, mostInFlight() - inFlight()));
  }

  /**
   * RFC 9293 section 3.8.6.2.1 with Nagle's rule off: an end that the host made goes as it is, a
   * piece that a window cut only when it is worth it.
   */
  private boolean isSilly(int length) {
    return length < segment && length < Math.max(1, largestWindow / 2);
  }

  /** Text that one frame may carry. */
  private int longest() {
    if (!around.offload().segmentation) {
      return segment;
    }
    int headers = (flow.guest.isV4() ? 20 : 40) + TcpView.MAX_LENGTH;
    return Math.max(1, (MAX_PACKET - headers) / segment) * segment;
  }

  /** Sends text, FIN or both at a number; says no when there was no frame for it. */
  private boolean emit(int sequence, int length, boolean fin, long now) {
    int next = sequence + length;
    int flags = TcpView.ACK | (fin ? TcpView.FIN : 0);
    if (length > 0 && next == queueEnd()) {
      // What the host sent in one go ends here; Windows holds text back until it sees this.
      flags |= TcpView.PSH;
    }
    if (!writer.send(flow, sequence, length, flags, now)) {
      flow.retrySoon(now);
      return false;
    }
    next += fin ? 1 : 0;
    time(sequence, next, now);
    nxt = SeqNum.max(nxt, next);
    max = SeqNum.max(max, nxt);
    return true;
  }

  /** Karn: only a number sent once is timed. */
  private void time(int sequence, int next, long now) {
    if (SeqNum.before(sequence, max)) {
      timing = false;
    } else if (!timing) {
      timing = true;
      timedSequence = next;
      timedAt = now;
    }
  }

  /** Sends again at most a segment from {@code sequence}, up to {@code limit}; says how much. */
  int resend(int sequence, int limit, long now) {
    int length = Math.min(segment, Math.min(limit, queueEnd()) - sequence);
    boolean fin = isFinSent() && sequence + length == queueEnd() && limit == end();
    if (length <= 0 && !fin) {
      return 0;
    }
    return emit(sequence, Math.max(0, length), fin, now) ? Math.max(0, length) + (fin ? 1 : 0) : 0;
  }

  /** One number into a closed window (RFC 9293 section 3.8.6.1). */
  void probeWindow(long now) {
    int kept = nxt;
    boolean fin = queue.length() == offset(una);
    if (emit(una, fin ? 0 : 1, fin, now)) {
      timing = false;
      // The number may be refused: the transmission goes on from it.
      nxt = kept;
    }
  }

  // ---- acknowledgments ----

  /** An acknowledgment in the acceptable range: frees, measures, repairs. */
  void acknowledge(Segment in, long now) {
    boolean news = recovery.noteSacks(in);
    int offered = in.window << (in.has(TcpView.SYN) ? 0 : shift);
    if (SeqNum.after(in.acknowledgment, una)) {
      advance(in, now);
    } else if (in.acknowledgment == una) {
      boolean plain = in.length == 0 && !in.has(TcpView.FIN | TcpView.SYN) && offered == window;
      if (inFlight() > 0 && (news || (!sack && plain))) {
        recovery.duplicate(now);
      }
    }
    timer.heard();
    updateWindow(in, offered);
    recovery.detect(now);
  }

  private void advance(Segment in, long now) {
    int acked = in.acknowledgment - una;
    int before = recovery.pipe();
    measure(in, now);
    int text = Math.min(in.acknowledgment - dataSequence, queue.length());
    if (text > 0) {
      queue.discard(text);
      dataSequence += text;
    }
    una = in.acknowledgment;
    nxt = SeqNum.max(nxt, una);
    timer.restart();
    recovery.advanced(acked, before, now);
  }

  private void measure(Segment in, long now) {
    if (timing) {
      if (!SeqNum.before(in.acknowledgment, timedSequence)) {
        timing = false;
        trip.sample(now - timedAt);
      }
    } else if (flow.receive.timestamps && in.options.hasTimestamps()) {
      int millis = flow.timestamp(now) - in.options.timestampEcho();
      if (millis >= 0 && in.options.timestampEcho() != 0) {
        trip.sample(millis * 1_000_000L);
      }
    }
  }

  private void updateWindow(Segment in, int offered) {
    if (SeqNum.before(windowSequence, in.sequence)
        || (windowSequence == in.sequence
            && SeqNum.upTo(windowAcknowledgment, in.acknowledgment))) {
      setWindow(in.sequence, in.acknowledgment, offered);
    }
  }

  /** Takes the window that a segment offers, as the handshake does without asking. */
  void setWindow(int sequence, int acknowledgment, int offered) {
    window = offered;
    largestWindow = Math.max(largestWindow, offered);
    windowSequence = sequence;
    windowAcknowledgment = acknowledgment;
  }

  /** Whether something waits that the windows hold back while nothing is under way. */
  boolean isStalled() {
    return nxt == una && end() != nxt && max != initial;
  }

  /** Goes back to the first unacknowledged number: a timeout, or a smaller segment. */
  void rewind() {
    nxt = una;
    timing = false;
  }

  /** Sends a runt that silly-window avoidance held back for too long, or a probe. */
  void overrideWindow(long now) {
    if (room() > 0) {
      sendNext(false, true, now);
    } else {
      probeWindow(now);
    }
  }

  void release() {
    queue.clear();
    recovery.clear();
    timer.stop();
  }
}
