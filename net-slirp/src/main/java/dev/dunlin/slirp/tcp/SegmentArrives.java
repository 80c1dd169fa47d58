package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.icmp.RateLimit;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.SeqNum;
import dev.dunlin.slirp.wire.TcpView;
import java.util.concurrent.TimeUnit;

/**
 * A segment of a connection that is open or being opened by the guest, in the phases and the order
 * of RFC 9293 section 3.10.7.4, with PAWS (RFC 7323 section 5.3) and the checks of RFC 5961.
 *
 * <p>A phase that ends the segment's way says no.
 */
final class SegmentArrives {
  /** RFC 7323 section 5.5: a timestamp older than this proves nothing. */
  private static final long TIMESTAMP_VALIDITY = TimeUnit.DAYS.toNanos(24);

  /** Challenge acknowledgments, all connections together; Linux's tcp_challenge_ack_limit. */
  private static final int CHALLENGES_PER_SECOND = 1000;

  private final RateLimit challenges =
      new RateLimit(CHALLENGES_PER_SECOND, CHALLENGES_PER_SECOND / 10);

  private final SegmentWriter writer;
  private final FlowTurn turn;
  private final FlowList timeWaiting;
  private final DropCounters drops;

  SegmentArrives(SegmentWriter writer, FlowTurn turn, FlowList timeWaiting, DropCounters drops) {
    this.writer = writer;
    this.turn = turn;
    this.timeWaiting = timeWaiting;
    this.drops = drops;
  }

  void receive(TcpFlow flow, Segment segment, long now) {
    if (isOpening(flow, segment, now)
        || !checkTimestamp(flow, segment, now)
        || !checkSequence(flow, segment, now)
        || !checkReset(flow, segment, now)
        || !checkSyn(flow, segment, now)
        || !checkAck(flow, segment, now)) {
      return;
    }
    heard(flow, now);
    // The urgent pointer is ignored; urgent text stays in line, as RFC 6093 advises.
    acceptText(flow, segment, now);
    checkFin(flow, segment, now);
  }

  static void heard(TcpFlow flow, long now) {
    flow.lastHeard = now;
    flow.keepaliveProbes = 0;
  }

  // ---- before the phases ----

  /** The guest's SYN again, or anything else before we answered it. */
  private boolean isOpening(TcpFlow flow, Segment segment, long now) {
    if (flow.state() != TcpState.SYN_RECEIVED) {
      return false;
    }
    boolean again = segment.has(TcpView.SYN) && segment.sequence == flow.receive.nxt - 1;
    if (!flow.send.isSynSent()) {
      if (segment.has(TcpView.RST) && segment.sequence == flow.receive.nxt) {
        turn.forget(flow, now);
      } else if (!again) {
        drops.count(DropReason.TCP_FLAGS);
      }
      return true;
    }
    if (again && segment.has(TcpView.ACK)) {
      // Simultaneous opening: what's new in this segment is the acknowledgment behind its SYN.
      segment.clearFlag(TcpView.SYN);
      segment.sequence++;
    } else if (again && !segment.has(TcpView.RST)) {
      flow.send.sendSyn(now);
      return true;
    }
    return false;
  }

  /** PAWS comes before the sequence, since it tells old from new where the sequence can't. */
  private boolean checkTimestamp(TcpFlow flow, Segment segment, long now) {
    if (segment.has(TcpView.RST) || !flow.receive.isOutdated(segment, now, TIMESTAMP_VALIDITY)) {
      return true;
    }
    drops.count(DropReason.TCP_PAWS);
    acknowledge(flow, segment, now);
    return false;
  }

  // ---- the phases ----

  private boolean checkSequence(TcpFlow flow, Segment segment, long now) {
    ReceiveSide receive = flow.receive;
    int window = receive.window();
    int ahead = segment.sequence - receive.nxt;
    int span = segment.span();
    if (window == 0 && ahead == 0) {
      // A probe of our closed window: refused, but its acknowledgment counts.
      receive.ackNow |= span > 0 && !segment.has(TcpView.RST);
      segment.trimBack(0);
      segment.clearFlag(TcpView.FIN);
      return true;
    }
    boolean acceptable =
        SeqNum.within(segment.sequence, receive.nxt, window)
            || (span > 0 && SeqNum.within(segment.sequence + span - 1, receive.nxt, window))
            || (span > 0 && ahead < 0 && ahead + span > window);
    if (!acceptable) {
      drops.count(DropReason.TCP_WINDOW);
      if (!segment.has(TcpView.RST)) {
        repeatedFin(flow, segment, now);
        acknowledge(flow, segment, now);
      }
      return false;
    }
    receive.noteTimestamp(segment, now);
    if (ahead < 0 && !segment.has(TcpView.SYN | TcpView.RST)) {
      segment.trimFront(-ahead);
    }
    segment.trimBack(Math.max(0, receive.nxt + window - segment.sequence));
    return true;
  }

  /** In TIME-WAIT the guest's FIN again begins the wait anew. */
  private void repeatedFin(TcpFlow flow, Segment segment, long now) {
    if (flow.state() == TcpState.TIME_WAIT && segment.has(TcpView.FIN)) {
      turn.timeWait(flow, timeWaiting, now);
    }
  }

  /** An answer to what can't be accepted: text always gets one, mere headers at a bounded rate. */
  private void acknowledge(TcpFlow flow, Segment segment, long now) {
    if (segment.length > 0 || challenges.allow(now)) {
      writer.acknowledge(flow, now);
    } else {
      drops.count(DropReason.TCP_RATE);
    }
  }

  private boolean checkReset(TcpFlow flow, Segment segment, long now) {
    if (!segment.has(TcpView.RST)) {
      return true;
    }
    if (segment.sequence != flow.receive.nxt) {
      challenge(flow, segment, now); // RFC 5961 section 3: in the window isn't enough
      return false;
    }
    Opener opener = flow.opener;
    boolean opening = flow.state() == TcpState.SYN_RECEIVED;
    turn.forget(flow, now);
    if (opening && opener != null) {
      opener.refused(now);
    }
    return false;
  }

  private void challenge(TcpFlow flow, Segment segment, long now) {
    drops.count(DropReason.TCP_CHALLENGED);
    segment.trimBack(0);
    acknowledge(flow, segment, now);
  }

  /** RFC 5961 section 4: an honest guest that lost its state answers the challenge with a reset. */
  private boolean checkSyn(TcpFlow flow, Segment segment, long now) {
    if (!segment.has(TcpView.SYN)) {
      return true;
    }
    challenge(flow, segment, now);
    return false;
  }

  private boolean checkAck(TcpFlow flow, Segment segment, long now) {
    if (!segment.has(TcpView.ACK)) {
      drops.count(DropReason.TCP_FLAGS);
      return false;
    }
    SendSide send = flow.send;
    int ack = segment.acknowledgment;
    if (flow.state() == TcpState.SYN_RECEIVED && !establish(flow, segment, now)) {
      return false;
    }
    // RFC 5961 section 5: older than any window that was open is an attack, too.
    boolean acceptable =
        SeqNum.upTo(ack, send.max)
            && !SeqNum.before(ack, send.una - Math.max(send.largestWindow, 0xffff));
    if (!acceptable) {
      drops.count(DropReason.TCP_ACK);
      segment.trimBack(0);
      acknowledge(flow, segment, now);
      return false;
    }
    if (flow.state() != TcpState.TIME_WAIT) {
      if (!SeqNum.before(ack, send.una)) {
        send.acknowledge(segment, now);
      }
      finAcknowledged(flow, now);
    }
    return true;
  }

  /** The acknowledgment of our SYN, or a reset for an acknowledgment of anything else. */
  private boolean establish(TcpFlow flow, Segment segment, long now) {
    SendSide send = flow.send;
    if (segment.acknowledgment != send.initial + 1) {
      drops.count(DropReason.TCP_ACK);
      writer.bare(
          flow.remote,
          flow.guest,
          flow.portsToGuest(),
          segment.acknowledgment,
          0,
          TcpView.RST,
          now);
      return false;
    }
    send.setWindow(segment.sequence, segment.acknowledgment, segment.window << send.shift);
    established(flow, now);
    return true;
  }

  static void established(TcpFlow flow, long now) {
    flow.enter(TcpState.ESTABLISHED);
    FlowList.remove(flow);
    flow.host.established(now);
    Opener opener = flow.opener;
    if (opener != null) {
      opener.established(now);
    }
  }

  private void finAcknowledged(TcpFlow flow, long now) {
    if (!flow.send.isFinAcknowledged()) {
      return;
    }
    if (flow.state() == TcpState.FIN_WAIT_1) {
      flow.enter(TcpState.FIN_WAIT_2);
    } else if (flow.state() == TcpState.CLOSING) {
      turn.timeWait(flow, timeWaiting, now);
    }
    // LAST-ACK ends in the flow's turn: the host may still have text to take.
  }

  private void acceptText(TcpFlow flow, Segment segment, long now) {
    if (segment.length > 0 && flow.state().takesText()) {
      flow.receive.accept(segment, flow.host, flow.send.segment, now);
    }
  }

  private void checkFin(TcpFlow flow, Segment segment, long now) {
    if (!flow.state().takesText() || !flow.receive.acceptFin(segment)) {
      return;
    }
    switch (flow.state()) {
      case ESTABLISHED -> flow.enter(TcpState.CLOSE_WAIT);
      case FIN_WAIT_1 -> flow.enter(TcpState.CLOSING);
      default -> turn.timeWait(flow, timeWaiting, now);
    }
  }
}
