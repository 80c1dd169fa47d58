package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.TcpView;

/** The guest's answer to our SYN, in the order of RFC 9293 section 3.10.7.3. */
final class SynSentArrives {
  private final SegmentArrives next;
  private final SegmentWriter writer;
  private final FlowTurn turn;
  private final DropCounters drops;

  SynSentArrives(SegmentArrives next, SegmentWriter writer, FlowTurn turn, DropCounters drops) {
    this.next = next;
    this.writer = writer;
    this.turn = turn;
    this.drops = drops;
  }

  void receive(TcpFlow flow, Segment segment, long now) {
    if (!checkAck(flow, segment, now) || !checkReset(flow, segment, now)) {
      return;
    }
    if (!segment.has(TcpView.SYN) || segment.has(TcpView.FIN)) {
      drops.count(DropReason.TCP_FLAGS);
      return;
    }
    synchronize(flow, segment, now);
  }

  private boolean checkAck(TcpFlow flow, Segment segment, long now) {
    if (!segment.has(TcpView.ACK) || segment.acknowledgment == flow.send.nxt) {
      return true;
    }
    drops.count(DropReason.TCP_ACK);
    if (!segment.has(TcpView.RST)) {
      writer.bare(
          flow.remote,
          flow.guest,
          flow.portsToGuest(),
          segment.acknowledgment,
          0,
          TcpView.RST,
          now);
    }
    return false;
  }

  /** Only a reset that acknowledges our SYN is the guest's. */
  private boolean checkReset(TcpFlow flow, Segment segment, long now) {
    if (!segment.has(TcpView.RST)) {
      return true;
    }
    if (segment.has(TcpView.ACK)) {
      Opener opener = flow.opener;
      turn.forget(flow, now);
      if (opener != null) {
        opener.refused(now);
      }
    } else {
      drops.count(DropReason.TCP_CHALLENGED);
    }
    return false;
  }

  private void synchronize(TcpFlow flow, Segment segment, long now) {
    flow.receive.begin(segment.sequence);
    Negotiation.accept(flow, segment, writer.ourMss(flow.guest), now);
    SegmentArrives.heard(flow, now);
    if (!segment.has(TcpView.ACK)) {
      // Simultaneous opening: both SYNs are under way, and ours goes again with an ACK.
      flow.enter(TcpState.SYN_RECEIVED);
      flow.send.sendSyn(now);
      return;
    }
    flow.send.acknowledge(segment, now);
    flow.send.setWindow(segment.sequence, segment.acknowledgment, segment.window);
    SegmentArrives.established(flow, now);
    flow.receive.ackNow = true;
    if (segment.length > 0) {
      segment.clearFlag(TcpView.SYN);
      segment.sequence++;
      flow.receive.adv = flow.receive.nxt + flow.receive.limit();
      next.receive(flow, segment, now);
    }
  }
}
