package dev.dunlin.bench.net;

import dev.dunlin.bench.Spread;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Prints a sheet: each figure's median and spread for everybody, with the ratio to the best peer.
 */
final class Report {
  private final PrintStream out;
  private final Sheet sheet;
  private final int mtu;

  Report(PrintStream out, Sheet sheet, int mtu) {
    this.out = out;
    this.sheet = sheet;
    this.mtu = mtu;
  }

  void print() {
    out.printf("%nMTU %d %30s %26s %14s%n", mtu, "median", "min - max", "to best peer");
    for (Figure figure : Figure.values()) {
      print(figure);
    }
    bars();
    sheet.failures().forEach(line -> out.println("FAILED " + line));
  }

  private void print(Figure figure) {
    Map<Candidate, Spread> spreads = sheet.of(figure);
    if (spreads.isEmpty()) {
      return;
    }
    out.println(figure.label());
    spreads.forEach(
        (candidate, spread) ->
            out.printf(
                Locale.ROOT,
                "  %-24s %,12.1f %,12.1f - %,11.1f %14s%n",
                candidate.label(),
                spread.median(),
                spread.min(),
                spread.max(),
                sheet
                    .ratio(figure, candidate)
                    .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                    .orElse("")));
  }

  /** What Dunlin has set itself to reach. */
  private void bars() {
    double tcp = mtu == NetBench.ETHERNET_MTU ? 2 : 1;
    atLeast(Figure.TCP_OUT, Candidate.DUNLIN, tcp);
    atLeast(Figure.TCP_IN, Candidate.DUNLIN, tcp);
    atLeast(Figure.TCP_OUT, Candidate.DUNLIN_PLAIN, 1);
    atLeast(Figure.TCP_IN, Candidate.DUNLIN_PLAIN, 1);
    for (Candidate ours : new Candidate[] {Candidate.DUNLIN, Candidate.DUNLIN_PLAIN}) {
      atLeast(Figure.CONNECTS_1, ours, 1);
      atLeast(Figure.CONNECTS_32, ours, 1);
      bar(Figure.TCP_PING, ours, sheet.ratio(Figure.TCP_PING, ours), 1.2, false);
      bar(Figure.UDP_PING, ours, sheet.ratio(Figure.UDP_PING, ours), 1.2, false);
      bar(Figure.PER_CONNECTION, ours, sheet.median(Figure.PER_CONNECTION, ours), 60, false);
      bar(Figure.FLOOD_GROWTH, ours, sheet.median(Figure.FLOOD_GROWTH, ours), 4, false);
      bar(Figure.SPRAY_GROWTH, ours, sheet.median(Figure.SPRAY_GROWTH, ours), 16, false);
    }
  }

  private void atLeast(Figure figure, Candidate ours, double limit) {
    bar(figure, ours, sheet.ratio(figure, ours), limit, true);
  }

  private void bar(
      Figure figure, Candidate ours, Optional<Double> reached, double limit, boolean atLeast) {
    reached.ifPresent(
        value ->
            out.printf(
                Locale.ROOT,
                "bar %-7s MTU %-5d %-13s %-40s %8.2f %s %.1f%n",
                (atLeast ? value >= limit : value <= limit) ? "reached" : "MISSED",
                mtu,
                ours.label(),
                figure.label(),
                value,
                atLeast ? ">=" : "<=",
                limit));
  }
}
