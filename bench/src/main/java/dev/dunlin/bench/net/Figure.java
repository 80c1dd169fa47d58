package dev.dunlin.bench.net;

/** What is measured and printed. Out is from the guest to the host. */
enum Figure {
  TCP_OUT("TCP guest->host, Mbit/s", Better.HIGHER),
  TCP_IN("TCP host->guest, Mbit/s", Better.HIGHER),
  TCP_OUT_8("8 TCP streams guest->host, Mbit/s", Better.HIGHER),
  TCP_IN_8("8 TCP streams host->guest, Mbit/s", Better.HIGHER),
  CPU_OUT("CPU seconds per GB guest->host", Better.LOWER),
  CPU_IN("CPU seconds per GB host->guest", Better.LOWER),
  UDP_OUT_64("UDP 64 B guest->host, packets/s", Better.HIGHER),
  UDP_IN_64("UDP 64 B host->guest, packets/s", Better.HIGHER),
  UDP_OUT_1400("UDP 1400 B guest->host, packets/s", Better.HIGHER),
  UDP_IN_1400("UDP 1400 B host->guest, packets/s", Better.HIGHER),
  CONNECTS_1("connects/s, one at a time", Better.HIGHER),
  CONNECTS_32("connects/s, 32 at a time", Better.HIGHER),
  TCP_PING("TCP ping-pong p50, us", Better.LOWER),
  UDP_PING("UDP ping-pong p50, us", Better.LOWER),
  TCP_PING_AMONG_1000("TCP ping-pong p50 beside 1,000 idle, us", Better.LOWER),
  RSS_IDLE("memory at first, MiB", Better.LOWER),
  RSS_1000("memory with 1,000 idle connections, MiB", Better.LOWER),
  PER_CONNECTION("more memory per idle connection, KiB", Better.LOWER),
  RSS_FLOOD("memory after the UDP flood, MiB", Better.LOWER),
  FLOOD_GROWTH("more memory by the UDP flood, MiB", Better.LOWER),
  SPRAY_GROWTH("more memory by 10,000 UDP flows, MiB", Better.LOWER);

  enum Better {
    HIGHER,
    LOWER
  }

  private final String label;
  private final Better better;

  Figure(String label, Better better) {
    this.label = label;
    this.better = better;
  }

  String label() {
    return label;
  }

  boolean isBetter(double one, double than) {
    return better == Better.HIGHER ? one > than : one < than;
  }
}
