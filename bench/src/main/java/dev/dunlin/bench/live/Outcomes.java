package dev.dunlin.bench.live;

import dev.dunlin.bench.Spread;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** One program's in one scenario, a line of the table. */
final class Outcomes {
  private final List<Outcome> all = new ArrayList<>();

  void add(Outcome outcome) {
    all.add(outcome);
  }

  static void printHead(PrintStream out) {
    out.printf(
        "  %-7s %-16s %18s %12s %16s %18s %18s %9s %8s%n",
        "program",
        "ended",
        "seconds",
        "rounds",
        "MB sent",
        "downtime ms",
        "seen ms",
        "expected",
        "MB/s");
  }

  void print(String program, PrintStream out) {
    long completed = all.stream().filter(Outcome::completed).count();
    out.printf(
        Locale.ROOT,
        "  %-7s %-16s %18s %12s %16s %18s %18s %9.0f %8.1f%n",
        program,
        completed + " of " + all.size() + (completed == 0 ? ", none" : " done"),
        spread("%.2f", Outcome::seconds),
        spread("%.0f", Outcome::rounds),
        spread("%.0f", outcome -> outcome.sent() / 1e6),
        known("%.0f", Outcome::downtimeMillis),
        known("%.0f", Outcome::seenMillis),
        of(Outcome::expectedMillis).median(),
        of(outcome -> outcome.dirtied() / 1e6).median());
  }

  private Spread of(ToDoubleFunction<Outcome> figure) {
    Spread spread = new Spread();
    all.forEach(outcome -> spread.add(figure.applyAsDouble(outcome)));
    return spread;
  }

  private String spread(String format, ToDoubleFunction<Outcome> figure) {
    return text(format, of(figure));
  }

  /** Of those that have it. */
  private String known(String format, Function<Outcome, OptionalDouble> figure) {
    Spread spread = new Spread();
    all.forEach(outcome -> figure.apply(outcome).ifPresent(spread::add));
    return spread.isEmpty() ? "-" : text(format, spread);
  }

  private static String text(String format, Spread spread) {
    return (format + " (" + format + "-" + format + ")")
        .formatted(spread.median(), spread.min(), spread.max());
  }
}
