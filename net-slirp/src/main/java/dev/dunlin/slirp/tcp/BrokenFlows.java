package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.TcpView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * Connections that a guest brought along from another life and that nobody here carries on: each
 * gets a reset, so that the guest fails at once where it would wait for minutes. Nobody
 * acknowledges a reset, and the guest's wire may come later than the guest, so each goes out
 * several times, a few at a time, until the guest is heard to have let go or to use the two ends
 * anew.
 *
 * <p>Bound: as many as there may be connections.
 */
final class BrokenFlows implements Timed {
  private static final int BURST = 64;
  private static final long BURST_INTERVAL = TimeUnit.MILLISECONDS.toNanos(5);

  /** From one time to the next. */
  private static final long[] PAUSES = {
    TimeUnit.SECONDS.toNanos(1),
    TimeUnit.SECONDS.toNanos(3),
    TimeUnit.SECONDS.toNanos(10),
    TimeUnit.SECONDS.toNanos(30)
  };

  private final SegmentWriter writer;
  private final int most;
  private final Map<Ends, SavedFlow> broken = new LinkedHashMap<>();

  private final Queue<Notice> notices =
      new PriorityQueue<>((one, other) -> Long.signum(one.due - other.due));

  private long nextBurst;

  private record Ends(IpAddr guest, IpAddr remote, int ports) {}

  private record Notice(Ends ends, int times, long due) {}

  BrokenFlows(SegmentWriter writer, int most) {
    this.writer = writer;
    this.most = most;
  }

  void add(SavedFlow flow, long now) {
    Ends ends = new Ends(flow.guest(), flow.remote(), flow.ports());
    if (broken.size() < most && broken.putIfAbsent(ends, flow) == null) {
      notices.add(new Notice(ends, 0, now));
      nextBurst = now;
    }
  }

  /** A segment of no connection came: whatever it is, its answer says it all. */
  void heard(IpAddr guest, IpAddr remote, int ports) {
    if (!broken.isEmpty()) {
      broken.remove(new Ends(guest, remote, ports));
    }
  }

  void clear() {
    broken.clear();
    notices.clear();
  }

  @Override
  public long delay(long now) {
    Notice first = notices.peek();
    return first == null ? IDLE : Math.max(0, Math.max(first.due - now, nextBurst - now));
  }

  @Override
  public void onTime(long now) {
    if (nextBurst - now > 0) {
      return;
    }
    for (int sent = 0; sent < BURST && !notices.isEmpty(); ) {
      if (notices.element().due - now > 0) {
        return;
      }
      Notice notice = notices.remove();
      SavedFlow flow = broken.get(notice.ends);
      if (flow != null) {
        sent++;
        reset(flow, now);
        keep(notice, now);
      }
    }
    nextBurst = now + BURST_INTERVAL;
  }

  private void keep(Notice notice, long now) {
    if (notice.times == PAUSES.length) {
      broken.remove(notice.ends);
    } else {
      notices.add(new Notice(notice.ends, notice.times + 1, now + PAUSES[notice.times]));
    }
  }

  private void reset(SavedFlow flow, long now) {
    boolean known = flow.state().isSynchronized();
    int flags = known ? TcpView.RST | TcpView.ACK : TcpView.RST;
    int acknowledgment = known ? flow.acknowledgment() : 0;
    int ports = Integer.rotateLeft(flow.ports(), 16);
    writer.bare(flow.remote(), flow.guest(), ports, flow.sequence(), acknowledgment, flags, now);
  }
}
