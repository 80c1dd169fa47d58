package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection: the guest's end, ours in the name of a remote host, and the host's stream behind
 * it. Holds state; {@link SegmentArrives} and {@link FlowTurn} hold the behaviour.
 */
final class TcpFlow {
  private static final Logger LOG = LogManager.getLogger(TcpFlow.class);
  private static final long RETRY = TimeUnit.MILLISECONDS.toNanos(1);

  final IpAddr guest;
  final IpAddr remote;

  /** The guest's port in the upper half, the remote one in the lower. */
  final int ports;

  final SendSide send;
  final ReceiveSide receive;
  final HostSide host;
  private final FlowTurn turn;

  private TcpState state = TcpState.CLOSED;

  /** Who waits for the guest's answer to our SYN, when we opened. */
  @Nullable Opener opener;

  /** The beginning of the guest's SYN, for an error about it; until it's answered. */
  byte @Nullable [] quote;

  /** Whether our SYN offers or accepts window scaling. */
  boolean offersScale;

  private final long timestampOrigin;
  private final int timestampOffset;

  /** When the guest was last heard of. */
  long lastHeard;

  int keepaliveProbes;
  long timeWaitUntil;
  private boolean retrying;
  private long retryAt;

  /** Someone up the stack will take this flow's turn. */
  boolean busy;

  /** An event came while busy. */
  boolean again;

  // ---- links of TimerHeap and FlowList ----
  int heapIndex = -1;
  long heapDue;
  @Nullable TcpFlow older;
  @Nullable TcpFlow newer;
  @Nullable FlowList list;

  TcpFlow(
      IpAddr guest,
      IpAddr remote,
      int ports,
      Surroundings around,
      SegmentWriter writer,
      FlowTurn turn,
      long timestampOrigin,
      int timestampOffset) {
    this.guest = guest;
    this.remote = remote;
    this.ports = ports;
    this.turn = turn;
    this.timestampOrigin = timestampOrigin;
    this.timestampOffset = timestampOffset;
    send = new SendSide(this, around, writer);
    receive = new ReceiveSide(around);
    host = new HostSide(this);
  }

  TcpState state() {
    return state;
  }

  void enter(TcpState next) {
    LOG.trace("{}: {} -> {}", this, state, next);
    state = next;
  }

  int guestPort() {
    return ports >>> 16;
  }

  int remotePort() {
    return ports & 0xffff;
  }

  /** The ports as a header to the guest has them. */
  int portsToGuest() {
    return Integer.rotateLeft(ports, 16);
  }

  /** Our timestamp: milliseconds from an origin of this connection's own (RFC 7323 section 7.1). */
  int timestamp(long now) {
    return (int) ((now - timestampOrigin) / 1_000_000) + timestampOffset;
  }

  /** Facts changed: acts on them now, or at the end of whatever is being done. */
  void turn(long now) {
    again = true;
    if (!busy) {
      turn.take(this, now);
    }
  }

  /** A frame was missing: tries again in a moment. */
  void retrySoon(long now) {
    if (!retrying) {
      retrying = true;
      retryAt = now + RETRY;
    }
  }

  /** Another turn as soon as the loop comes round. */
  void yield(long now) {
    retrying = true;
    retryAt = now + 1;
  }

  boolean isRetrying() {
    return retrying;
  }

  boolean takeRetry(long now) {
    boolean due = retrying && retryAt - now <= 0;
    retrying &= !due;
    return due;
  }

  long retryAt() {
    return retryAt;
  }

  @Override
  public String toString() {
    return guest + ":" + guestPort() + " - " + remote + ":" + remotePort();
  }
}
