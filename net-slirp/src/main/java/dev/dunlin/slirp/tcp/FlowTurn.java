package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.TcpView;
import java.nio.ByteBuffer;

/**
 * What a connection does after anything happened to it: a segment, an event of the host's, a
 * deadline. Looks at the facts in one order, so that it never matters in which they came.
 */
final class FlowTurn {
  /** Reads from one host in a turn; others get theirs before it goes on. */
  private static final int MOST_READS = 16;

  /** Turns that events from within a turn may cause at once. */
  private static final int MOST_ROUNDS = 4;

  private final Surroundings around;
  private final SegmentWriter writer;
  private final FlowTable table;
  private final TimerHeap timers;

  FlowTurn(Surroundings around, SegmentWriter writer, FlowTable table, TimerHeap timers) {
    this.around = around;
    this.writer = writer;
    this.table = table;
    this.timers = timers;
  }

  /** Takes the flow's turn and notes when its next one is due. */
  void take(TcpFlow flow, long now) {
    flow.busy = true;
    for (int round = 0; flow.state() != TcpState.CLOSED; round++) {
      flow.again = false;
      settle(flow, now);
      if (!flow.again) {
        break;
      }
      if (round == MOST_ROUNDS) {
        flow.yield(now);
        break;
      }
    }
    flow.busy = false;
    if (flow.state() != TcpState.CLOSED) {
      schedule(flow);
    }
  }

  private void settle(TcpFlow flow, long now) {
    if (flow.host.failure != null && !flow.send.isSynSent()) {
      refuse(flow, flow.host.failure, now);
    } else if (flow.host.broken || flow.host.failure != null) {
      abort(flow, now);
    } else if (flow.state().isSynchronized()) {
      deliver(flow, now);
      acknowledgeGaps(flow, now);
      pump(flow, now);
      finish(flow, now);
    } else if (flow.state() == TcpState.SYN_RECEIVED && !flow.send.isSynSent()) {
      answer(flow, now);
    }
    if (flow.state() != TcpState.CLOSED) {
      flow.send.timer.arm(now);
    }
  }

  // ---- opening ----

  /** SYN and ACK go to the guest only when the host's side stands. */
  private static void answer(TcpFlow flow, long now) {
    if (flow.host.connected) {
      flow.quote = null;
      flow.send.sendSyn(now);
    }
  }

  /** The host couldn't connect: a reset when the other side refused, else what a router says. */
  private void refuse(TcpFlow flow, HostFailure failure, long now) {
    byte[] quote = flow.quote;
    if (failure.error() == IpError.PORT_UNREACHABLE || quote == null) {
      int flags = TcpView.RST | TcpView.ACK;
      writer.bare(flow.remote, flow.guest, flow.portsToGuest(), 0, flow.receive.nxt, flags, now);
    } else {
      around.errors().report(failure, ByteBuffer.wrap(quote), now);
    }
    forget(flow, now);
  }

  // ---- guest to host ----

  private static void deliver(TcpFlow flow, long now) {
    flow.receive.deliver(flow.host, now);
    if (flow.receive.finished && flow.receive.isDelivered()) {
      flow.host.shutdownOutput(now);
    }
  }

  /** Text can't carry SACK blocks, so these go before it. */
  private void acknowledgeGaps(TcpFlow flow, long now) {
    if (flow.receive.ackNow && !flow.receive.ahead.isEmpty()) {
      writer.acknowledge(flow, now);
    }
  }

  // ---- host to guest ----

  private static void pump(TcpFlow flow, long now) {
    TcpState state = flow.state();
    if (state == TcpState.TIME_WAIT || state == TcpState.FIN_WAIT_2) {
      return;
    }
    boolean open = state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT;
    SendSide send = flow.send;
    int reads = 0;
    while (open && flow.host.mayRead() && send.wantsMore()) {
      if (reads++ == MOST_READS) {
        flow.yield(now);
        break;
      }
      if (flow.host.pull(send.queue, now) == SendQueue.Pull.NO_MEMORY) {
        flow.retrySoon(now);
        break;
      }
      if (flow.host.ended) {
        send.queueFin(); // the FIN rides on the last text
      }
      send.transmit(flow.host.mayRead(), now);
    }
    if (open && flow.host.ended) {
      send.queueFin();
    }
    send.transmit(false, now);
    // What is known to be readable needn't be told again while the windows are closed.
    flow.host.wantRead(open && (send.wantsMore() || !flow.host.readable));
  }

  // ---- closing ----

  private void finish(TcpFlow flow, long now) {
    if (flow.send.isFinSent()) {
      finSent(flow);
    }
    if (flow.receive.ackNow
        || (flow.state().takesText() && flow.receive.hasNewsOfWindow(flow.send.segment))) {
      writer.acknowledge(flow, now);
    }
    boolean delivered = flow.receive.isDelivered();
    if (flow.state() == TcpState.TIME_WAIT && delivered) {
      flow.host.finish(now);
    } else if (flow.state() == TcpState.LAST_ACK && flow.send.isFinAcknowledged() && delivered) {
      forget(flow, now);
    }
  }

  private static void finSent(TcpFlow flow) {
    if (flow.state() == TcpState.ESTABLISHED) {
      flow.enter(TcpState.FIN_WAIT_1);
    } else if (flow.state() == TcpState.CLOSE_WAIT) {
      flow.enter(TcpState.LAST_ACK);
    }
  }

  /** TIME-WAIT begins, or begins again. */
  void timeWait(TcpFlow flow, FlowList waiting, long now) {
    flow.timeWaitUntil = now + around.config().timeWait();
    if (flow.state() != TcpState.TIME_WAIT) {
      flow.enter(TcpState.TIME_WAIT);
      flow.send.release();
      waiting.add(flow);
    }
  }

  /** Tells the guest by a reset, and the host too: the connection is broken, not finished. */
  void abort(TcpFlow flow, long now) {
    SendSide send = flow.send;
    boolean answered = send.isSynSent();
    int sequence = answered ? send.bareSequence() : 0;
    int flags = TcpView.RST | TcpView.ACK;
    if (flow.state() != TcpState.SYN_SENT) {
      writer.bare(
          flow.remote, flow.guest, flow.portsToGuest(), sequence, flow.receive.nxt, flags, now);
    }
    forget(flow, now);
  }

  /** The flow is over: what it had goes back, and the host's side ends. */
  void forget(TcpFlow flow, long now) {
    boolean clean = flow.state() == TcpState.LAST_ACK || flow.state() == TcpState.TIME_WAIT;
    flow.enter(TcpState.CLOSED);
    table.remove(flow);
    timers.remove(flow);
    FlowList.remove(flow);
    flow.send.release();
    flow.receive.release();
    if (clean) {
      flow.host.finish(now);
    } else {
      flow.host.breakOff(now);
    }
  }

  // ---- time ----

  /** Something of the flow's may be due. */
  void onTime(TcpFlow flow, long now) {
    flow.busy = true;
    flow.takeRetry(now);
    ReceiveSide receive = flow.receive;
    receive.ackNow |= receive.ackLater && receive.ackAt - now <= 0;
    RetransmitTimer timer = flow.send.timer;
    boolean alive = true;
    if (timer.isArmed() && timer.due() - now <= 0) {
      alive = timer.expire(!flow.state().isSynchronized(), now);
    }
    if (alive && flow.state() == TcpState.TIME_WAIT) {
      endTimeWait(flow, now);
    } else if (alive && flow.state().isSynchronized()) {
      alive = keepAlive(flow, now);
    }
    if (!alive) {
      giveUp(flow, now);
    }
    take(flow, now);
  }

  private void endTimeWait(TcpFlow flow, long now) {
    if (flow.timeWaitUntil - now <= 0) {
      if (flow.receive.isDelivered()) {
        forget(flow, now);
      } else {
        // The guest is through, but the host hasn't taken everything yet.
        flow.timeWaitUntil = now + around.config().timeWait();
      }
    }
  }

  private boolean keepAlive(TcpFlow flow, long now) {
    TcpConfig config = around.config();
    if (config.keepaliveIdle() == 0 || keepaliveDue(flow) - now > 0) {
      return true;
    }
    if (flow.keepaliveProbes == config.keepaliveProbes()) {
      return false;
    }
    flow.keepaliveProbes++;
    writer.probe(flow, now);
    return true;
  }

  private long keepaliveDue(TcpFlow flow) {
    TcpConfig config = around.config();
    return flow.lastHeard
        + config.keepaliveIdle()
        + flow.keepaliveProbes * config.keepaliveInterval();
  }

  private void giveUp(TcpFlow flow, long now) {
    around.drops().count(DropReason.TCP_BOUND);
    Opener opener = flow.opener;
    boolean opening = !flow.state().isSynchronized();
    abort(flow, now);
    if (opening && opener != null) {
      opener.timedOut(now);
    }
  }

  private void schedule(TcpFlow flow) {
    if (flow.isRetrying()) {
      timers.schedule(flow, flow.retryAt());
    }
    if (flow.receive.ackLater) {
      timers.schedule(flow, flow.receive.ackAt);
    }
    if (flow.send.timer.isArmed()) {
      timers.schedule(flow, flow.send.timer.due());
    }
    if (flow.state() == TcpState.TIME_WAIT) {
      timers.schedule(flow, flow.timeWaitUntil);
    } else if (flow.state().isSynchronized() && around.config().keepaliveIdle() != 0) {
      timers.schedule(flow, keepaliveDue(flow));
    }
  }
}
