package dev.dunlin.bench.live;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** {@code bench/migrate live [ROUNDS [RATE...]]}: guests that write while they are migrated. */
public final class LiveBench {
  private static final List<Integer> RATES = List.of(10, 50, 100, 200);

  private final PrintStream out = System.out;
  private final int rounds;

  private LiveBench(int rounds) {
    this.rounds = rounds;
  }

  /** The rates are in MB (10^6 bytes) a second. */
  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
    List<Integer> rates =
        arguments.length > 1
            ? Arrays.stream(arguments).skip(1).map(Integer::valueOf).toList()
            : RATES;
    new LiveBench(rounds).run(rates);
  }

  private void run(List<Integer> rates) throws IOException {
    out.printf(
        "512 MiB, -M pc, 256 MiB of it written; %d rounds in turn, unix: into a real QEMU;"
            + " medians (least-most)%n%n",
        rounds);
    Outcomes.printHead(out);
    try (LiveGuest guest = LiveGuest.create()) {
      for (int rate : rates) {
        for (Scenario scenario : Scenario.of(rate * 1_000_000L)) {
          compare(guest, scenario);
        }
      }
    }
  }

  private void compare(LiveGuest guest, Scenario scenario) throws IOException {
    Outcomes qemu = new Outcomes();
    Outcomes dunlin = new Outcomes();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        qemu.add(LiveRun.of(guest, scenario, guest::startQemu));
      }
      dunlin.add(LiveRun.of(guest, scenario, guest::startDunlin));
      if (round % 2 == 1) {
        qemu.add(LiveRun.of(guest, scenario, guest::startQemu));
      }
    }
    out.println(scenario.label());
    qemu.print("qemu", out);
    dunlin.print("dunlin", out);
  }
}
