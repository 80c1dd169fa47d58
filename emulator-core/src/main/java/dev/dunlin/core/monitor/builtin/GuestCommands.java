package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpEvent;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.run.RunCommands;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunException;
import dev.dunlin.core.run.RunState;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;

/** Running, stopping, resetting and ending the machine. Loop thread. */
final class GuestCommands {
  private static final QmpType RUN_STATE =
      new QmpType.EnumOf(
          "RunState",
          Arrays.stream(RunState.values())
              .map(RunState::qapiName)
              .sorted()
              .collect(ImmutableList.toImmutableList()));

  private static final QmpType STATUS =
      new QmpType.Struct(
          "StatusInfo",
          ImmutableList.of(
              Parameter.required("running", QmpType.BOOL),
              Parameter.required("singlestep", QmpType.BOOL),
              Parameter.required("status", RUN_STATE)));

  private final RunControl run;
  private final RunCommands commands;
  private final MonitorRegistry monitor;
  private final Runnable quit;

  /**
   * @param quit ends the emulator with status 0
   */
  GuestCommands(RunControl run, RunCommands commands, MonitorRegistry monitor, Runnable quit) {
    this.run = run;
    this.commands = commands;
    this.monitor = monitor;
    this.quit = quit;
  }

  void register() {
    monitor.declareEvent(new QmpEvent("POWERDOWN", ImmutableList.of()));
    registerHuman();
    registerMachine();
  }

  private void registerHuman() {
    monitor.addHmp(
        new HmpCommand(
            "stop|s", "", "", "stop emulation", call -> Stages.hold(call, commands.stop())));
    monitor.addHmp(
        new HmpCommand("cont|c", "", "", "resume emulation", call -> Stages.hold(call, cont())));
    monitor.addHmp(
        new HmpCommand(
            "system_reset", "", "", "reset the system", call -> Stages.hold(call, systemReset())));
    monitor.addHmp(
        new HmpCommand(
            "system_powerdown", "", "", "send system power down event", call -> powerdown()));
    monitor.addHmp(new HmpCommand("quit|q", "", "", "quit the emulator", this::hmpQuit));
    monitor.addInfo(
        new HmpCommand(
            "status",
            "",
            "",
            "show the current VM status (running|paused)",
            call -> call.print(statusLine())));
  }

  private void registerMachine() {
    add("stop", call -> Stages.answer(call, commands.stop()));
    add("cont", call -> Stages.answer(call, cont()));
    add("system_reset", call -> Stages.answer(call, systemReset()));
    add(
        "system_powerdown",
        call -> {
          powerdown();
          return ImmutableMap.of();
        });
    add("quit", this::qmpQuit);
    monitor.addQmp(
        new QmpCommand("query-status", ImmutableList.of(), STATUS, call -> queryStatus()));
  }

  private void add(String name, QmpCommand.Handler handler) {
    monitor.addQmp(new QmpCommand(name, ImmutableList.of(), QmpType.EMPTY, handler));
  }

  private CompletionStage<Void> cont() throws MonitorException {
    try {
      return commands.cont();
    } catch (RunException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private CompletionStage<Void> systemReset() throws MonitorException {
    try {
      return commands.systemReset();
    } catch (RunException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void powerdown() {
    monitor.emit("POWERDOWN", ImmutableMap.of());
  }

  /** No prompt comes any more. */
  private void hmpQuit(HmpCall call) {
    call.suspend();
    end();
  }

  /** First the event, then the answer, then the end, as QEMU has them. */
  private Object qmpQuit(QmpCall call) {
    end();
    return ImmutableMap.of();
  }

  private void end() {
    monitor.emit("SHUTDOWN", ImmutableMap.of("guest", false, "reason", "host-qmp-quit"));
    quit.run();
  }

  private String statusLine() {
    if (run.isRunning()) {
      return "VM status: running\n";
    }
    RunState state = run.state();
    String detail = state == RunState.PAUSED ? "" : " (" + state.qapiName() + ")";
    return "VM status: paused" + detail + "\n";
  }

  private ImmutableMap<String, Object> queryStatus() {
    return ImmutableMap.of(
        "running", run.isRunning(), "singlestep", false, "status", run.state().qapiName());
  }
}
