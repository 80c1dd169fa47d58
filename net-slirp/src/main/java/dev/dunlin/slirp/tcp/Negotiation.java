package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.TcpOptions;

/** What the options of the guest's SYN agree on. */
final class Negotiation {
  /** RFC 9293 section 3.7.1: without the option. */
  private static final int DEFAULT_MSS_V4 = 536;

  private static final int DEFAULT_MSS_V6 = 1220;

  private Negotiation() {}

  /** Before our SYN: everything is offered. */
  static void offer(TcpFlow flow) {
    flow.offersScale = true;
    flow.send.sack = true;
    flow.receive.timestamps = true;
  }

  /** Only what both sides offered holds. */
  static void accept(TcpFlow flow, Segment syn, int ourMss, long now) {
    TcpOptions options = syn.options;
    SendSide send = flow.send;
    ReceiveSide receive = flow.receive;
    flow.offersScale &= options.hasScale();
    send.sack &= options.sackPermitted();
    receive.timestamps &= options.hasTimestamps();
    if (flow.offersScale) {
      send.shift = options.shift();
      receive.useScale();
    } else {
      receive.limitToUnscaled();
    }
    if (receive.timestamps) {
      receive.recentTimestamp = options.timestamp();
      receive.recentAt = now;
    }
    int absent = flow.guest.isV4() ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
    int theirs = options.hasMss() ? options.mss() : absent;
    int least = Math.min(SendSide.LEAST_SEGMENT, ourMss);
    int mss = Math.max(least, Math.min(theirs, ourMss));
    send.segment = mss - (receive.timestamps ? TcpOptions.TIMESTAMPS_LENGTH : 0);
    send.congestion.begin(send.segment);
    send.setWindow(syn.sequence, syn.acknowledgment, syn.window);
  }
}
