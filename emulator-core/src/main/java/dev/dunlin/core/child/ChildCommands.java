package dev.dunlin.core.child;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.ChildRecord.Waiter;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code info children} and {@code x-query-children}: every child of this emulator, who waits for
 * it and how it ended. QEMU has nothing like it, hence the x-.
 */
public final class ChildCommands {
  private static final QmpType STATUS =
      new QmpType.Struct(
          "ChildStatus",
          ImmutableList.of(
              Parameter.required(
                  "kind",
                  new QmpType.EnumOf(
                      "ChildStatusKind",
                      ImmutableList.of("exited", "signalled", "not-started", "timed-out", "lost"))),
              Parameter.optional("code", QmpType.INT),
              Parameter.optional("signal", QmpType.INT),
              Parameter.optional("core-dumped", QmpType.BOOL),
              Parameter.required("description", QmpType.STRING)));

  private static final QmpType CHILD =
      new QmpType.Struct(
          "ChildInfo",
          ImmutableList.of(
              Parameter.required("id", QmpType.INT),
              Parameter.optional("pid", QmpType.INT),
              Parameter.required("owner", QmpType.STRING),
              Parameter.required("argv", new QmpType.ListOf(QmpType.STRING)),
              Parameter.required(
                  "waiter",
                  new QmpType.EnumOf(
                      "ChildWaiter",
                      Arrays.stream(Waiter.values())
                          .map(Waiter::word)
                          .collect(ImmutableList.toImmutableList()))),
              Parameter.required("start-us", QmpType.INT),
              Parameter.optional("end-us", QmpType.INT),
              Parameter.required(
                  "state", new QmpType.EnumOf("ChildState", ImmutableList.of("running", "ended"))),
              Parameter.optional("status", STATUS)));

  private static final QmpType COUNTERS =
      new QmpType.Struct(
          "ChildCounters",
          ImmutableList.of(
              Parameter.required("started", QmpType.INT),
              Parameter.required("succeeded", QmpType.INT),
              Parameter.required("failed", QmpType.INT),
              Parameter.required("signalled", QmpType.INT),
              Parameter.required("lost", QmpType.INT),
              Parameter.required("not-started", QmpType.INT)));

  private static final QmpType ANSWER =
      new QmpType.Struct(
          "ChildrenInfo",
          ImmutableList.of(
              Parameter.required("live", new QmpType.ListOf(CHILD)),
              Parameter.required("ended", new QmpType.ListOf(CHILD)),
              Parameter.required("counters", COUNTERS)));

  private ChildCommands() {}

  /** Adds both commands. */
  public static void register(MonitorRegistry monitor, ChildTable table) {
    monitor.addInfo(
        new HmpCommand(
            "children",
            "",
            "",
            "show child processes, who waits for them and how they ended",
            call -> call.print(describe(table))));
    monitor.addQmp(
        new QmpCommand("x-query-children", ImmutableList.of(), ANSWER, call -> query(table)));
  }

  /** The text of {@code info children}. */
  static String describe(ChildTable table) {
    StringBuilder text = new StringBuilder();
    table.live().forEach(child -> text.append(line(child)));
    table.history().forEach(child -> text.append(line(child)));
    ChildCounters count = table.counters();
    return text.append(
            String.format(
                "%d started: %d running, %d succeeded, %d failed, %d killed by a signal, %d lost;"
                    + " %d could not be started%n",
                count.started(),
                table.live().size(),
                count.succeeded(),
                count.failed(),
                count.signalled(),
                count.lost(),
                count.notStarted()))
        .toString();
  }

  private static String line(ChildRecord child) {
    String state =
        child
            .status()
            .map(status -> status.describe() + " at " + time(child.endMicros()))
            .orElse("running, waited for by " + child.waiter().word());
    return String.format(
        "%s: owner=%s, started %s, %s%n  %s%n",
        child.pid() == 0 ? "no pid" : "pid " + child.pid(),
        child.owner(),
        time(child.startMicros()),
        state,
        printable(String.join(" ", child.argv())));
  }

  /** A command line is a user's text: nothing in it may steer the terminal it is shown on. */
  private static String printable(String text) {
    return CharMatcher.javaIsoControl().replaceFrom(text, '?');
  }

  private static String time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).truncatedTo(ChronoUnit.MILLIS).toString();
  }

  static Map<String, Object> query(ChildTable table) {
    ChildCounters count = table.counters();
    return ImmutableMap.of(
        "live",
        infos(table.live()),
        "ended",
        infos(table.history()),
        "counters",
        ImmutableMap.of(
            "started", count.started(),
            "succeeded", count.succeeded(),
            "failed", count.failed(),
            "signalled", count.signalled(),
            "lost", count.lost(),
            "not-started", count.notStarted()));
  }

  private static List<Object> infos(List<ChildRecord> children) {
    return children.stream().map(ChildCommands::info).collect(ImmutableList.toImmutableList());
  }

  private static Object info(ChildRecord child) {
    ImmutableMap.Builder<String, Object> info = ImmutableMap.builder();
    info.put("id", child.id());
    if (child.pid() != 0) {
      info.put("pid", (long) child.pid());
    }
    info.put("owner", child.owner()).put("argv", child.argv());
    info.put("waiter", child.waiter().word()).put("start-us", child.startMicros());
    child.status().ifPresent(status -> info.put("end-us", child.endMicros()));
    info.put("state", child.status().isPresent() ? "ended" : "running");
    child.status().ifPresent(status -> info.put("status", status(status)));
    return info.buildOrThrow();
  }

  private static ImmutableMap<String, Object> status(ExitStatus status) {
    ImmutableMap.Builder<String, Object> answer = ImmutableMap.builder();
    answer.put("kind", kind(status));
    if (status instanceof ExitStatus.Exited exited) {
      answer.put("code", (long) exited.code());
    }
    if (status instanceof ExitStatus.Signalled signalled) {
      answer.put("signal", (long) signalled.signal());
      answer.put("core-dumped", signalled.coreDumped());
    }
    return answer.put("description", status.describe()).buildOrThrow();
  }

  private static String kind(ExitStatus status) {
    if (status instanceof ExitStatus.Exited) {
      return "exited";
    }
    if (status instanceof ExitStatus.Signalled) {
      return "signalled";
    }
    if (status instanceof ExitStatus.NotStarted) {
      return "not-started";
    }
    return status instanceof ExitStatus.TimedOut ? "timed-out" : "lost";
  }
}
