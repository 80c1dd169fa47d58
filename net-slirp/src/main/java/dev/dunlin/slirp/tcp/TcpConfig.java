package dev.dunlin.slirp.tcp;

import java.util.concurrent.TimeUnit;

/**
 * The engine's bounds and times. Durations are nanoseconds.
 *
 * @param mostFlows connections at a time; at the bound the oldest in TIME-WAIT goes, then the
 *     oldest half-open one, then the one idle longest if longer than a minute, else the new one is
 *     refused
 * @param mostHalfOpen of them, not yet established; the oldest is refused to make room
 * @param receiveBuffer bytes from the guest that one connection keeps while the host doesn't take
 *     them: the largest window advertised
 * @param mostInFlight bytes toward the guest that one connection has unacknowledged: less than a
 *     TAP's queue of 1,000 frames holds
 * @param mostInFlightOffloaded the same where one frame carries up to 64 KiB
 * @param bufferMemory bytes in all buffers of all connections
 * @param keepaliveIdle silence before the first probe; 0 switches probes off
 * @param mostRetries of one segment, as Linux's tcp_retries2
 * @param mostSynRetries of a SYN, as Linux's tcp_synack_retries
 */
public record TcpConfig(
    int mostFlows,
    int mostHalfOpen,
    int receiveBuffer,
    int mostInFlight,
    int mostInFlightOffloaded,
    long bufferMemory,
    long keepaliveIdle,
    long keepaliveInterval,
    int keepaliveProbes,
    long timeWait,
    long delayedAck,
    long shortestTimeout,
    int mostRetries,
    int mostSynRetries) {

  public TcpConfig {
    if (mostFlows < 1 || mostHalfOpen < 1 || receiveBuffer < 1 || receiveBuffer > 1 << 24) {
      throw new IllegalArgumentException(
          "bounds of a TCP engine: " + mostFlows + ", " + mostHalfOpen + ", " + receiveBuffer);
    }
  }

  /** What a network has unless it's told otherwise. */
  public static TcpConfig standard() {
    return new TcpConfig(
        4096,
        512,
        1 << 20,
        1 << 20,
        4 << 20,
        256L << 20,
        TimeUnit.HOURS.toNanos(2),
        TimeUnit.SECONDS.toNanos(75),
        9,
        TimeUnit.SECONDS.toNanos(60),
        TimeUnit.MILLISECONDS.toNanos(40),
        TimeUnit.MILLISECONDS.toNanos(200),
        15,
        5);
  }

  public TcpConfig withFlows(int flows, int halfOpen) {
    return new TcpConfig(
        flows,
        halfOpen,
        receiveBuffer,
        mostInFlight,
        mostInFlightOffloaded,
        bufferMemory,
        keepaliveIdle,
        keepaliveInterval,
        keepaliveProbes,
        timeWait,
        delayedAck,
        shortestTimeout,
        mostRetries,
        mostSynRetries);
  }

  public TcpConfig withBuffers(int receive, int inFlight, long memory) {
    return new TcpConfig(
        mostFlows,
        mostHalfOpen,
        receive,
        inFlight,
        Math.max(inFlight, mostInFlightOffloaded),
        memory,
        keepaliveIdle,
        keepaliveInterval,
        keepaliveProbes,
        timeWait,
        delayedAck,
        shortestTimeout,
        mostRetries,
        mostSynRetries);
  }

  public TcpConfig withKeepalive(long idle, long interval, int probes) {
    return new TcpConfig(
        mostFlows,
        mostHalfOpen,
        receiveBuffer,
        mostInFlight,
        mostInFlightOffloaded,
        bufferMemory,
        idle,
        interval,
        probes,
        timeWait,
        delayedAck,
        shortestTimeout,
        mostRetries,
        mostSynRetries);
  }

  /** The shift with which the largest window fits sixteen bits. */
  int windowShift() {
    int shift = 0;
    while (receiveBuffer >>> shift > 0xffff) {
      shift++;
    }
    return shift;
  }
}
