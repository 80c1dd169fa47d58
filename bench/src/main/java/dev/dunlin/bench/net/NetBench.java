package dev.dunlin.bench.net;

import dev.dunlin.testing.Peer;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code bench/net [ROUNDS [SECONDS [CONTENDER...]]]}: the user network beside its peers. */
public final class NetBench {
  static final int ETHERNET_MTU = 1500;

  /** The largest that all of them take. */
  private static final int LARGEST_MTU = 65520;

  private static final List<String> PROGRAMS =
      List.of("ip", "iperf3", "slirp4netns", "pasta", "chrt", "sysctl");

  private final PrintStream out = System.out;
  private final int rounds;
  private final int seconds;
  private final List<Candidate> candidates;

  private NetBench(int rounds, int seconds, List<Candidate> candidates) {
    this.rounds = rounds;
    this.seconds = seconds;
    this.candidates = candidates;
  }

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
    List<Candidate> candidates =
        arguments.length > 2
            ? Arrays.stream(arguments).skip(2).map(Candidate::named).toList()
            : List.of(Candidate.values());
    requirePrograms();
    Namespace.removeAbandoned();
    System.exit(new NetBench(rounds, seconds, candidates).run());
  }

  private static void requirePrograms() {
    for (String program : PROGRAMS) {
      if (Peer.find(program).isEmpty()) {
        System.err.println(
            "bench/net needs "
                + program
                + "; install it with: apt-get install iperf3 slirp4netns passt iproute2 procps util-linux");
        System.exit(1);
      }
    }
  }

  /** The exit status: 1 when something couldn't be measured. */
  private int run() {
    int failures = 0;
    Lab lab = Lab.open();
    try (lab) {
      out.printf(
          "%d rounds of %d s in turn after one that isn't counted; medians and spread%n",
          rounds, seconds);
      for (int mtu : new int[] {ETHERNET_MTU, LARGEST_MTU}) {
        Sheet sheet = new Sheet();
        measure(lab, mtu, sheet);
        if (lab.isClosed()) {
          return 1;
        }
        new Report(out, sheet, mtu).print();
        failures += sheet.failures().size();
      }
    } catch (RuntimeException | Error e) {
      if (!lab.isClosed()) {
        throw e;
      }
    }
    return failures == 0 ? 0 : 1;
  }

  private void measure(Lab lab, int mtu, Sheet sheet) {
    memory(lab, mtu, sheet);
    List<Guest> guests = new ArrayList<>();
    try {
      for (Candidate candidate : candidates) {
        attach(candidate, lab, mtu, sheet, guests);
      }
      round(guests, new Sheet(), 1, Step.rounds(), 0);
      for (int round = 1; round <= rounds; round++) {
        System.err.printf("MTU %d, round %d of %d%n", mtu, round, rounds);
        round(guests, sheet, seconds, Step.rounds(), round);
      }
    } finally {
      guests.forEach(Guest::close);
    }
  }

  private static void attach(
      Candidate candidate, Lab lab, int mtu, Sheet sheet, List<Guest> guests) {
    try {
      guests.add(Guest.attach(candidate, lab, mtu));
    } catch (RuntimeException | AssertionError e) {
      sheet.fail(candidate, "attaching", e);
    }
  }

  private void memory(Lab lab, int mtu, Sheet sheet) {
    for (Step step : Memory.steps()) {
      for (Candidate candidate : candidates) {
        try (Guest guest = Guest.attach(candidate, lab, mtu)) {
          take(step, guest, sheet, seconds);
        } catch (RuntimeException | AssertionError e) {
          sheet.fail(candidate, "attaching", e);
        }
      }
    }
  }

  /** Every step with every guest; who begins moves on with the round. */
  private static void round(
      List<Guest> guests, Sheet sheet, int seconds, List<Step> steps, int round) {
    for (Step step : steps) {
      for (int i = 0; i < guests.size(); i++) {
        take(step, guests.get((i + round) % guests.size()), sheet, seconds);
      }
    }
  }

  private static void take(Step step, Guest guest, Sheet sheet, int seconds) {
    try {
      step.action().run(guest, sheet, seconds);
    } catch (RuntimeException | AssertionError e) {
      sheet.fail(guest.candidate(), step.name(), guest.explain(e));
    }
  }
}
