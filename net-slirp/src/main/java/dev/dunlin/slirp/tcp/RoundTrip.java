package dev.dunlin.slirp.tcp;

import java.util.concurrent.TimeUnit;

/** The round trip's estimate and the retransmission timeout (RFC 6298). */
final class RoundTrip {
  /** RFC 6298 (2.1). */
  static final long FIRST_TIMEOUT = TimeUnit.SECONDS.toNanos(1);

  /** RFC 6298 (2.5) allows a bound of 60 seconds or more. */
  static final long LONGEST_TIMEOUT = TimeUnit.SECONDS.toNanos(60);

  /** The clock's granularity: that of the timestamps. */
  private static final long GRANULARITY = TimeUnit.MILLISECONDS.toNanos(1);

  private static final int MOST_DOUBLINGS = 16;

  private final long shortest;
  private boolean measured;
  private long smoothed;
  private long variation;
  private long timeout = FIRST_TIMEOUT;

  /** {@code shortest} replaces the RFC's floor of a second; Linux has 200 ms (TCP_RTO_MIN). */
  RoundTrip(long shortest) {
    this.shortest = shortest;
  }

  void sample(long measurement) {
    long rtt = Math.max(0, measurement);
    if (!measured) {
      measured = true;
      smoothed = rtt;
      variation = rtt / 2;
    } else {
      variation += (Math.abs(smoothed - rtt) - variation) / 4;
      smoothed += (rtt - smoothed) / 8;
    }
    long estimate = smoothed + Math.max(GRANULARITY, 4 * variation);
    timeout = Math.min(LONGEST_TIMEOUT, Math.max(shortest, estimate));
  }

  /** The timeout after so many expiries in a row. */
  long timeout(int doublings) {
    return Math.min(LONGEST_TIMEOUT, timeout << Math.min(doublings, MOST_DOUBLINGS));
  }

  boolean isMeasured() {
    return measured;
  }

  long smoothed() {
    return smoothed;
  }
}
