package dev.dunlin.core.monitor.qmp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;

/** {@code qmp_capabilities}. No capability is offered: no command here runs out of band. */
final class Negotiation {
  private static final QmpType CAPABILITIES =
      new QmpType.ListOf(new QmpType.EnumOf("QMPCapability", ImmutableList.of("oob")));

  private Negotiation() {}

  static QmpCommand command() {
    return new QmpCommand(
        "qmp_capabilities",
        ImmutableList.of(Parameter.optional("enable", CAPABILITIES)),
        QmpType.EMPTY,
        call -> {
          throw new MonitorException(
              "CommandNotFound", "Capabilities negotiation is already complete, command ignored");
        });
  }

  static void accept(QmpCall call) throws MonitorException {
    var enabled = call.list("enable");
    if (enabled.isPresent() && !enabled.get().isEmpty()) {
      throw new MonitorException("Capability " + enabled.get().get(0) + " not available");
    }
  }
}
