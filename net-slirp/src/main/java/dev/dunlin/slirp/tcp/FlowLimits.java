package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.DropReason;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps the number of connections within the bounds of {@link TcpConfig}. */
final class FlowLimits {
  /** A connection silent for less is in use; a new one doesn't push it out. */
  private static final long IDLE = TimeUnit.MINUTES.toNanos(1);

  private final Surroundings around;
  private final FlowTable table;
  private final FlowTurn turn;
  private final FlowList halfOpen;
  private final FlowList timeWaiting;

  FlowLimits(
      Surroundings around,
      FlowTable table,
      FlowTurn turn,
      FlowList halfOpen,
      FlowList timeWaiting) {
    this.around = around;
    this.table = table;
    this.turn = turn;
    this.halfOpen = halfOpen;
    this.timeWaiting = timeWaiting;
  }

  /** Makes room for a new half-open connection; no when every other one is in use. */
  boolean makeRoom(long now) {
    if (halfOpen.size() >= around.config().mostHalfOpen()) {
      evict(halfOpen.oldest(), now);
    }
    if (table.size() < around.config().mostFlows()) {
      return true;
    }
    TcpFlow waiting = timeWaiting.oldest();
    if (waiting != null) {
      turn.forget(waiting, now);
    } else {
      evict(halfOpen.size() > 0 ? halfOpen.oldest() : longestIdle(now), now);
    }
    return table.size() < around.config().mostFlows();
  }

  private void evict(@Nullable TcpFlow flow, long now) {
    if (flow == null) {
      return;
    }
    around.drops().count(DropReason.TCP_BOUND);
    Opener opener = flow.state() == TcpState.SYN_SENT ? flow.opener : null;
    turn.abort(flow, now);
    if (opener != null) {
      opener.timedOut(now);
    }
  }

  /** A look at all of them, but only for a connection beyond the bound. */
  private @Nullable TcpFlow longestIdle(long now) {
    @Nullable TcpFlow[] found = new @Nullable TcpFlow[1];
    table.forEach(
        flow -> {
          TcpFlow best = found[0];
          if (now - flow.lastHeard >= IDLE
              && (best == null || flow.lastHeard - best.lastHeard < 0)) {
            found[0] = flow;
          }
        });
    return found[0];
  }
}
