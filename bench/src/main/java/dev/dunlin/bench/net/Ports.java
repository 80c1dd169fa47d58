package dev.dunlin.bench.net;

/** Where the host's servers listen; the namespace is ours alone. */
final class Ports {
  /** Accepts, says one byte and closes. */
  static final int GREETING = 7001;

  /** Sends back what comes, TCP and UDP. */
  static final int ECHO = 7002;

  /** Accepts and keeps until the other side closes. */
  static final int KEEPING = 7003;

  /** A datagram that asks for a flood is answered with it. */
  static final int SOURCE = 7004;

  /** Counts datagrams. */
  static final int SINK = 7005;

  /** iperf3's. */
  static final int IPERF = 5201;

  private Ports() {}
}
