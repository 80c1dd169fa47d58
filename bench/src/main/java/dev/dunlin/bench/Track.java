package dev.dunlin.bench;

import java.io.PrintStream;

/** One program's figures. Its first migration is told apart: a JVM isn't warm then. */
final class Track {
  private final Contender contender;
  private final long bytes;
  private final Spread measured = new Spread();
  private final Spread reported = new Spread();
  private double first;

  Track(Contender contender, long bytes) {
    this.contender = contender;
    this.bytes = bytes;
  }

  void run(String uri) {
    Contender.Time time = contender.migrate(uri);
    if (first == 0) {
      first = rate(time.measured());
      return;
    }
    measured.add(rate(time.measured()));
    reported.add(rate(time.reported()));
  }

  /** Prints a line and returns the median. */
  double print(String ram, PrintStream out) {
    out.printf(
        "%-7s %-7s %9.0f %8.0f - %8.0f %9.0f %9.0f%n",
        ram,
        contender.name(),
        measured.median(),
        measured.min(),
        measured.max(),
        first,
        reported.median());
    return measured.median();
  }

  private double rate(double seconds) {
    // Reported times are whole milliseconds, and a small zero guest takes none.
    return bytes / 1e6 / Math.max(seconds, 0.0005);
  }
}
