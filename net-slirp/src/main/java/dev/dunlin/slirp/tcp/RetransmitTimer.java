package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.SeqNum;
import java.util.concurrent.TimeUnit;

/**
 * The timer of the send side, in one of three roles: retransmission (RFC 6298), a probe for the
 * loss of a tail (RFC 8985 section 7), and the persist timer (RFC 9293 section 3.8.6.1).
 */
final class RetransmitTimer {
  /** RFC 8985's floor for a probe's timeout. */
  private static final long LEAST_PROBE = TimeUnit.MILLISECONDS.toNanos(10);

  private enum Role {
    OFF,
    RETRANSMIT,
    TAIL_PROBE,
    PERSIST
  }

  private final SendSide send;
  private final TcpConfig config;
  private Role role = Role.OFF;
  private long due;

  /** Expiries in a row: the exponent of the next timeout. */
  private int doublings;

  /** Expiries since the guest said anything. */
  private int unanswered;

  private boolean probing;
  private int probeEnd;

  RetransmitTimer(SendSide send, TcpConfig config) {
    this.send = send;
    this.config = config;
  }

  boolean isArmed() {
    return role != Role.OFF;
  }

  long due() {
    return due;
  }

  /** Starts, keeps or stops the timer as what is under way demands: the end of every turn. */
  void arm(long now) {
    if (send.nxt != send.una) {
      if (role == Role.OFF || role == Role.PERSIST) {
        doublings = role == Role.PERSIST ? 0 : doublings;
        begin(now);
      }
    } else if (!send.isStalled()) {
      role = Role.OFF;
    } else if (role != Role.PERSIST) {
      role = Role.PERSIST;
      due = now + send.trip.timeout(doublings);
    }
  }

  private void begin(long now) {
    long timeout = send.trip.timeout(doublings);
    role = Role.RETRANSMIT;
    // A lone segment's acknowledgment may be delayed: its probe would be no earlier than this.
    if (send.sack
        && !probing
        && doublings == 0
        && send.trip.isMeasured()
        && send.recovery.isIdle()
        && send.inFlight() > send.segment) {
      long probe = Math.max(LEAST_PROBE, 2 * send.trip.smoothed());
      if (probe < timeout) {
        role = Role.TAIL_PROBE;
        timeout = probe;
      }
    }
    due = now + timeout;
  }

  /** Progress: the timer begins anew at the end of this turn. */
  void restart() {
    role = Role.OFF;
    doublings = 0;
    if (probing && !SeqNum.before(send.una, probeEnd)) {
      probing = false;
    }
  }

  /** The guest acknowledged something, if only what it had. */
  void heard() {
    unanswered = 0;
  }

  void stop() {
    role = Role.OFF;
  }

  /** The timer is due. Says no when the guest is to be given up. */
  boolean expire(boolean synchronizing, long now) {
    Role was = role;
    role = Role.OFF;
    if (was == Role.TAIL_PROBE) {
      probing = true;
      probeEnd = send.max;
      if (send.recovery.isIdle()) {
        probeTail(now);
      }
      return true;
    }
    unanswered++;
    doublings++;
    if (unanswered > (synchronizing ? config.mostSynRetries() : config.mostRetries())) {
      return false;
    }
    if (was == Role.PERSIST) {
      send.overrideWindow(now);
      if (!send.isStalled()) {
        return true;
      }
      role = Role.PERSIST;
      due = now + send.trip.timeout(doublings);
    } else if (synchronizing) {
      send.sendSyn(now);
    } else {
      probing = false;
      send.recovery.timeout(doublings == 1);
    }
    return true;
  }

  /** New data if there is any, else the last segment again. */
  private void probeTail(long now) {
    if (!send.sendNext(false, false, now)) {
      int start = SeqNum.max(send.una, send.max - send.segment);
      send.resend(start, send.max, now);
    }
    probeEnd = send.max;
  }

  /** Whether the guest reported the probe while something before it is missing. */
  boolean probeArrived(Ranges sacked) {
    return probing && !sacked.isEmpty() && sacked.right(sacked.size() - 1) == probeEnd;
  }
}
