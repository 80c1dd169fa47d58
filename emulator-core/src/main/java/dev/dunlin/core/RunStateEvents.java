package dev.dunlin.core;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpEvent;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.run.RunEvents;

/** Tells machine monitors what the run control does (qapi/run-state.json). Loop thread. */
final class RunStateEvents implements RunEvents {
  private final MonitorRegistry monitor;

  RunStateEvents(MonitorRegistry monitor) {
    this.monitor = monitor;
    ImmutableList<Parameter> cause =
        ImmutableList.of(
            Parameter.required("guest", QmpType.BOOL), Parameter.required("reason", CAUSE));
    monitor.declareEvent(new QmpEvent("STOP", ImmutableList.of()));
    monitor.declareEvent(new QmpEvent("RESUME", ImmutableList.of()));
    monitor.declareEvent(new QmpEvent("RESET", cause));
    monitor.declareEvent(new QmpEvent("SHUTDOWN", cause));
  }

  private static final QmpType CAUSE =
      new QmpType.EnumOf(
          "ShutdownCause",
          ImmutableList.of(
              "none",
              "host-error",
              "host-qmp-quit",
              "host-qmp-system-reset",
              "host-signal",
              "host-ui",
              "guest-shutdown",
              "guest-reset",
              "guest-panic",
              "subsystem-reset",
              "snapshot-load"));

  @Override
  public void stopped() {
    monitor.emit("STOP", ImmutableMap.of());
  }

  @Override
  public void resumed() {
    monitor.emit("RESUME", ImmutableMap.of());
  }

  @Override
  public void reset(boolean byGuest, String reason) {
    monitor.emit("RESET", ImmutableMap.of("guest", byGuest, "reason", reason));
  }

  @Override
  public void shutdown(boolean byGuest, String reason) {
    monitor.emit("SHUTDOWN", ImmutableMap.of("guest", byGuest, "reason", reason));
  }
}
