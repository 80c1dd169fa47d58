package dev.dunlin.bench.net;

import dev.dunlin.bench.Usage;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Json;
import dev.dunlin.testing.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/** iperf3 in the guest, and a server of its own for each run: a broken run leaves nobody busy. */
final class Iperf {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Iperf() {}

  static void run(Guest guest, Sheet sheet, int seconds, Figure rate, String... more) {
    run(guest, sheet, seconds, rate, cpuPerGb -> {}, more);
  }

  static void run(Guest guest, Sheet sheet, int seconds, Figure rate, Figure cpu, String... more) {
    run(guest, sheet, seconds, rate, used -> sheet.add(cpu, guest.candidate(), used), more);
  }

  private static void run(
      Guest guest, Sheet sheet, int seconds, Figure rate, DoubleConsumer cpuPerGb, String... more) {
    Optional<Long> pid = guest.carrier().map(ChildProcess::pid);
    try (ChildProcess server = server(guest.lab())) {
      server.stdout().awaitAfter(0, "listening", PATIENCE);
      double before = pid.map(Usage::cpuSeconds).orElse(0.0);
      Map<String, Object> received = received(guest, seconds, more);
      double after = pid.map(Usage::cpuSeconds).orElse(0.0);
      double bytes = number(received, "bytes");
      sheet.add(rate, guest.candidate(), number(received, "bits_per_second") / 1e6);
      if (pid.isPresent() && bytes > 0) {
        cpuPerGb.accept((after - before) / (bytes / 1e9));
      }
    }
  }

  private static ChildProcess server(Lab lab) {
    return ChildProcess.start(
        "iperf3 -s",
        lab.host()
            .inside(
                List.of(Peer.path("iperf3"), "-s", "-1", "--forceflush", "-p", "" + Ports.IPERF)));
  }

  private static Map<String, Object> received(Guest guest, int seconds, String... more) {
    List<String> command = new ArrayList<>(List.of(Peer.path("iperf3"), "-J", "-c"));
    command.addAll(List.of(guest.gateway(), "-p", "" + Ports.IPERF, "-t", "" + seconds));
    command.addAll(List.of(more));
    try (ChildProcess client = ChildProcess.start("iperf3", guest.namespace().inside(command))) {
      String said = client.awaitResult(PATIENCE.plusSeconds(seconds)).stdout();
      Map<String, Object> report = Json.readObject(said);
      if (report.get("end") instanceof Map<?, ?> end
          && end.get("sum_received") instanceof Map<?, ?> sum) {
        return Map.copyOf(cast(sum));
      }
      throw new MeasureFailed(String.valueOf(report.get("error")));
    } catch (IllegalArgumentException | AssertionError e) {
      throw new MeasureFailed("iperf3 came to no end", e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> cast(Map<?, ?> map) {
    return (Map<String, Object>) map;
  }

  private static double number(Map<String, Object> report, String name) {
    return report.get(name) instanceof Number number ? number.doubleValue() : 0;
  }
}
