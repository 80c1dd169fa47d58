package dev.dunlin.bench.live;

import dev.dunlin.bench.Contender;
import dev.dunlin.bench.QemuReceiver;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.QmpClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.locks.LockSupport;

/** One migration of a guest that is at work, into a real QEMU of its own. */
final class LiveRun {
  private static final long LOOK_NANOS = 50_000_000;
  private static final List<String> OVER = List.of("completed", "failed", "cancelled");

  private final LiveGuest guest;
  private final Scenario scenario;
  private final Contender sender;
  private final QemuReceiver receiver;
  private final QmpClient qmp;
  private final double begun = System.currentTimeMillis();
  private long expected;

  private LiveRun(LiveGuest guest, Scenario scenario, Contender sender, QemuReceiver receiver) {
    this.guest = guest;
    this.scenario = scenario;
    this.sender = sender;
    this.receiver = receiver;
    this.qmp = sender.qmp();
  }

  /** Starts a sender whose guest writes so many bytes a second. */
  interface Start {
    Contender of(long rate) throws IOException;
  }

  static Outcome of(LiveGuest guest, Scenario scenario, Start start) throws IOException {
    try (QemuReceiver receiver =
            QemuReceiver.unix(guest.directory().resolve("in"), 0, guest.receiver());
        Contender sender = start.of(scenario.rate())) {
      return new LiveRun(guest, scenario, sender, receiver).run();
    }
  }

  private Outcome run() throws IOException {
    qmp.execute("migrate-set-parameters", Map.of("max-bandwidth", scenario.cap()));
    qmp.execute(
        "migrate-set-capabilities",
        Map.of(
            "capabilities",
            List.of(Map.of("capability", "auto-converge", "state", scenario.autoConverge()))));
    long start = System.nanoTime();
    qmp.execute("migrate", Map.of("uri", receiver.uri()));
    Map<String, Object> now = qmp.query("query-migrate");
    while (!OVER.contains(now.get("status"))
        && System.nanoTime() - start < scenario.patience().toNanos()) {
      expected = Math.max(0, Outcome.number(now, "expected-downtime"));
      LockSupport.parkNanos(LOOK_NANOS);
      now = qmp.query("query-migrate");
    }
    if ("completed".equals(now.get("status"))) {
      return completed();
    }
    if (OVER.contains(now.get("status"))) {
      throw new IllegalStateException(sender.name() + ", " + scenario.label() + ": " + now);
    }
    return cancelled(now, (System.nanoTime() - start) / 1e9);
  }

  private Outcome completed() throws IOException {
    // QEMU 7.2 says completed before it has the totals.
    sender.awaitStatus("postmigrate");
    Map<String, Object> end = qmp.query("query-migrate");
    double arrived = millis(receiver.qmp().awaitMigration("completed", Await.GENEROUS));
    double stopped = millis(qmp.awaitEvent("STOP", event -> true, Await.GENEROUS));
    return new Outcome(
        true,
        Outcome.number(end, "total-time") / 1e3,
        Outcome.ofRam(end, "dirty-sync-count"),
        Outcome.ofRam(end, "transferred"),
        OptionalDouble.of(Outcome.number(end, "downtime")),
        OptionalDouble.of(arrived - stopped),
        expected,
        dirtied(stopped, receiver.qmp()));
  }

  private Outcome cancelled(Map<String, Object> last, double seconds) throws IOException {
    qmp.execute("migrate_cancel");
    Await.until("the cancel", () -> "cancelled".equals(qmp.query("query-migrate").get("status")));
    qmp.execute("stop");
    double stopped = millis(qmp.awaitEvent("STOP", event -> true, Await.GENEROUS));
    return new Outcome(
        false,
        seconds,
        Outcome.ofRam(last, "dirty-sync-count"),
        Outcome.ofRam(last, "transferred"),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        expected,
        dirtied(stopped, qmp));
  }

  private double dirtied(double stopped, QmpClient memory) throws IOException {
    long pages = guest.pagesWritten(memory) - LiveGuest.writtenAtStart();
    return pages * 4096.0 / ((stopped - begun) / 1e3);
  }

  /** When an event was, since the epoch. */
  private static double millis(Map<String, Object> event) {
    Map<?, ?> at = event.get("timestamp") instanceof Map<?, ?> map ? map : Map.of();
    return Outcome.number(at, "seconds") * 1e3 + Outcome.number(at, "microseconds") / 1e3;
  }
}
