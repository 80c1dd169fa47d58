package dev.dunlin.bench;

import java.io.PrintStream;
import java.util.Locale;

/** One program's figures. Its first migration is told apart: a JVM isn't warm then. */
final class Track {
  private final Contender contender;
  private final Transport transport;
  private final int mib;
  private final Spread rate = new Spread();
  private final Spread reported = new Spread();
  private final Spread cpu = new Spread();
  private double first;

  Track(Contender contender, Transport transport, int mib) {
    this.contender = contender;
    this.transport = transport;
    this.mib = mib;
  }

  void run() {
    Contender.Time time;
    try (Receiver receiver = transport.opener().open(contender.directory(), mib)) {
      time = contender.migrate(receiver.uri(), transport.multifdChannels());
    }
    if (first == 0) {
      first = rate(time.measured());
      return;
    }
    rate.add(rate(time.measured()));
    reported.add(rate(time.reported()));
    cpu.add(time.cpu() / (bytes() / 1e9));
  }

  /** MB/s. */
  Spread rate() {
    return rate;
  }

  /** CPU seconds per GB. */
  Spread cpu() {
    return cpu;
  }

  static void printHead(PrintStream out) {
    out.printf(
        "%-12s %-6s %-7s %8s %15s %8s %8s %10s %13s%n",
        "transport",
        "RAM",
        "program",
        "MB/s",
        "min - max",
        "first",
        "reported",
        "CPU s/GB",
        "min - max");
  }

  void print(String ram, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%-12s %-6s %-7s %8.0f %6.0f - %6.0f %8.0f %8.0f %10.2f %5.2f - %5.2f%n",
        transport.label(),
        ram,
        contender.name(),
        rate.median(),
        rate.min(),
        rate.max(),
        first,
        reported.median(),
        cpu.median(),
        cpu.min(),
        cpu.max());
  }

  private double rate(double seconds) {
    // Reported times are whole milliseconds, and a small zero guest takes none.
    return bytes() / 1e6 / Math.max(seconds, 0.0005);
  }

  private double bytes() {
    return mib * (double) (1 << 20);
  }
}
