package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.TcpView;

/**
 * ICMP errors of the guest's about our segments. RFC 5927: once a connection stands they may make
 * its segments smaller, and never end it.
 */
final class GuestReports {
  /** Smaller path MTUs aren't believed; Linux's ip_rt_min_pmtu. */
  private static final int LEAST_MTU = 552;

  private static final int IPV6_UNREACHABLE = 1;
  private static final int IPV6_TOO_BIG = 2;
  private static final int IPV6_PORT = 4;
  private static final int OPTIONS = 12;

  private final FlowTurn turn;

  GuestReports(FlowTurn turn) {
    this.turn = turn;
  }

  void reported(TcpFlow flow, int type, int code, int mtu, long now) {
    boolean v4 = flow.guest.isV4();
    if (v4
        ? type == Icmpv4View.UNREACHABLE && code == Icmpv4View.CODE_FRAGMENTATION_NEEDED
        : type == IPV6_TOO_BIG) {
      shrink(flow, mtu, now);
    } else if (flow.state() == TcpState.SYN_SENT && isRefusal(v4, type, code)) {
      refused(flow, now);
    }
  }

  private static boolean isRefusal(boolean v4, int type, int code) {
    return v4
        ? type == Icmpv4View.UNREACHABLE
            && (code == Icmpv4View.CODE_PORT || code == Icmpv4View.CODE_PROTOCOL)
        : type == IPV6_UNREACHABLE && code == IPV6_PORT;
  }

  private void refused(TcpFlow flow, long now) {
    Opener opener = flow.opener;
    turn.forget(flow, now);
    if (opener != null) {
      opener.refused(now);
    }
  }

  /** RFC 1191 section 6.4: what didn't fit goes again in smaller segments, without slowing down. */
  private static void shrink(TcpFlow flow, int mtu, long now) {
    int headers = (flow.guest.isV4() ? 20 : 40) + TcpView.MIN_LENGTH;
    int options = flow.receive.timestamps ? OPTIONS : 0;
    int segment = Math.max(LEAST_MTU, mtu) - headers - options;
    if (segment < flow.send.segment && flow.state().isSynchronized()) {
      flow.send.segment = segment;
      flow.send.rewind();
      flow.turn(now);
    }
  }
}
