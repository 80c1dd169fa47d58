package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpType;

/**
 * {@code loadvm} and {@code x-loadvm}: both answer when the machine is what the stream says, or as
 * it was. Loop thread.
 */
final class SnapshotCommands {
  private final SnapshotLoad load;

  SnapshotCommands(SnapshotLoad load) {
    this.load = load;
  }

  void register(MonitorRegistry monitor) {
    monitor.addHmp(
        new HmpCommand(
            "loadvm",
            "uri:s",
            "uri",
            "put the VM back to what was saved there by migrate (exec:, fd: or file:)",
            this::human));
    monitor.addQmp(
        new QmpCommand(
            "x-loadvm",
            ImmutableList.of(QmpCommand.Parameter.required("uri", QmpType.STRING)),
            QmpType.EMPTY,
            this::machine));
  }

  private void human(HmpCall call) throws MonitorException {
    HmpCall.Suspension[] prompt = new HmpCall.Suspension[1];
    load.start(
        call.string("uri").orElseThrow(),
        failure -> {
          failure.ifPresent(why -> prompt[0].print("Error: " + why.getMessage() + "\n"));
          prompt[0].resume();
        });
    // The end is told by a task of the loop, never before this one has returned.
    prompt[0] = call.suspend();
  }

  private Object machine(QmpCall call) throws MonitorException {
    QmpCall.Deferred[] answer = new QmpCall.Deferred[1];
    load.start(
        call.string("uri").orElseThrow(),
        failure ->
            failure.ifPresentOrElse(answer[0]::fail, () -> answer[0].complete(ImmutableMap.of())));
    answer[0] = call.defer();
    return answer[0];
  }
}
