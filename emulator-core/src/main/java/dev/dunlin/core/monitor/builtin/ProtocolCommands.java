package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.monitor.hmp.HmpInterpreter;
import dev.dunlin.core.monitor.qmp.QmpSchema;
import dev.dunlin.core.monitor.qmp.QmpSession;
import java.util.concurrent.Executor;

/** What a machine monitor can be asked about itself, and the human one within it. Loop thread. */
final class ProtocolCommands {
  private static final QmpType COMMANDS =
      new QmpType.ListOf(
          new QmpType.Struct(
              "CommandInfo", ImmutableList.of(Parameter.required("name", QmpType.STRING))));

  private final MonitorCore monitor;
  private final HmpInterpreter interpreter;
  private final Executor loop;

  ProtocolCommands(MonitorCore monitor, HmpInterpreter interpreter, Executor loop) {
    this.monitor = monitor;
    this.interpreter = interpreter;
    this.loop = loop;
  }

  void register() {
    monitor.addQmp(QmpSession.negotiation());
    monitor.addQmp(
        new QmpCommand("query-commands", ImmutableList.of(), COMMANDS, call -> commands()));
    monitor.addQmp(
        new QmpCommand(
            "query-qmp-schema",
            ImmutableList.of(),
            // SchemaInfo is a union over its meta-type, which QmpType doesn't have.
            new QmpType.ListOf(QmpType.ANY),
            call -> QmpSchema.of(monitor)));
    monitor.addQmp(
        new QmpCommand(
            "human-monitor-command",
            ImmutableList.of(
                Parameter.required("command-line", QmpType.STRING),
                Parameter.optional("cpu-index", QmpType.INT)),
            QmpType.STRING,
            this::humanCommand));
  }

  private ImmutableList<Object> commands() {
    return monitor.qmpCommands().stream()
        .map(command -> ImmutableMap.of("name", command.name()))
        .collect(ImmutableList.toImmutableList());
  }

  private Object humanCommand(QmpCall call) throws MonitorException {
    if (call.integer("cpu-index").isPresent()) {
      throw new MonitorException("Parameter 'cpu-index' expects a CPU number");
    }
    QmpCall.Deferred deferred = call.defer();
    CapturingConsole console = new CapturingConsole(call, loop);
    interpreter.execute(
        call.string("command-line").orElseThrow(), console, () -> finish(console, deferred));
    return deferred;
  }

  private static void finish(CapturingConsole console, QmpCall.Deferred deferred) {
    if (console.isOverfull()) {
      deferred.fail(
          new MonitorException(
              "The command's output is larger than " + CapturingConsole.MAX_OUTPUT + " bytes"));
    } else {
      deferred.complete(console.text());
    }
  }
}
