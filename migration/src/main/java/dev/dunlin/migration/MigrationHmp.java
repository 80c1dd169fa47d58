package dev.dunlin.migration;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import java.util.Map;

/** The human monitor's migration commands, in QEMU's words (hmp-commands.hx). Loop thread. */
final class MigrationHmp {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final MainLoop loop;
  private final OutgoingMigration outgoing;
  private final IncomingMigration incoming;
  private final MigrationParameters parameters;
  private final MigrationReport report;

  MigrationHmp(
      MainLoop loop,
      OutgoingMigration outgoing,
      IncomingMigration incoming,
      MigrationParameters parameters,
      MigrationReport report) {
    this.loop = loop;
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.parameters = parameters;
    this.report = report;
  }

  void register(MonitorRegistry monitor) {
    monitor.addHmp(
        new HmpCommand(
            "migrate",
            "detach:-d,blk:-b,inc:-i,resume:-r,uri:s",
            "[-d] [-b] [-i] [-r] uri",
            "migrate to URI (using -d to not wait for completion)"
                + "\n\t\t\t -b for migration without shared storage with full copy of disk"
                + "\n\t\t\t -i for migration without shared storage with incremental copy of disk"
                + " (base image shared between src and destination)"
                + "\n\t\t\t -r to resume a paused migration",
            this::migrate));
    monitor.addHmp(
        new HmpCommand(
            "migrate_cancel", "", "", "cancel the current VM migration", c -> outgoing.cancel()));
    monitor.addHmp(
        new HmpCommand(
            "migrate_continue",
            "state:s",
            "state",
            "Continue migration from the given paused state",
            this::migrateContinue));
    monitor.addHmp(
        new HmpCommand(
            "migrate_incoming",
            "uri:s",
            "uri",
            "Continue an incoming migration from an -incoming defer",
            call -> incoming.start(call.string("uri").orElseThrow())));
    registerRefused(monitor);
    registerSettings(monitor);
    monitor.addInfo(
        new HmpCommand(
            "migrate", "", "", "show migration status", call -> call.print(report.text())));
    monitor.addInfo(
        new HmpCommand(
            "migrate_capabilities",
            "",
            "",
            "show current migration capabilities",
            this::infoCapabilities));
    monitor.addInfo(
        new HmpCommand(
            "migrate_parameters",
            "",
            "",
            "show current migration parameters",
            this::infoParameters));
  }

  /** Commands of postcopy, which no migration of Dunlin's ever is in. */
  private static void registerRefused(MonitorRegistry monitor) {
    monitor.addHmp(
        new HmpCommand(
            "migrate_pause",
            "",
            "",
            "Pause an ongoing migration (postcopy-only)",
            call -> PostcopyRefusals.pause()));
    monitor.addHmp(
        new HmpCommand(
            "migrate_recover",
            "uri:s",
            "uri",
            "Continue a paused incoming postcopy migration",
            call -> PostcopyRefusals.recover()));
    monitor.addHmp(
        new HmpCommand(
            "migrate_start_postcopy",
            "",
            "",
            "Followup to a migration command to switch the migration to postcopy mode. The"
                + " postcopy-ram capability must be set on both source and destination before the"
                + " original migration command .",
            call -> PostcopyRefusals.startPostcopy()));
  }

  private void registerSettings(MonitorRegistry monitor) {
    monitor.addHmp(
        new HmpCommand(
            "migrate_set_capability",
            "capability:s,state:b",
            "capability state",
            "Enable/Disable the usage of a capability for migration",
            this::setCapability));
    monitor.addHmp(
        new HmpCommand(
            "migrate_set_parameter",
            "parameter:s,value:s",
            "parameter value",
            "Set the parameter for migration",
            this::setParameter));
    monitor.addHmp(
        new HmpCommand(
            "migrate_set_speed",
            "value:o",
            "value",
            "set maximum speed (in bytes) for migrations. Defaults to MB if no size suffix is"
                + " specified, ie. B/K/M/G/T",
            call -> set(MigrationParameter.MAX_BANDWIDTH, call.integer("value").orElseThrow())));
    monitor.addHmp(
        new HmpCommand(
            "migrate_set_downtime",
            "value:T",
            "value",
            "set maximum tolerated downtime (in seconds) for migrations",
            call ->
                set(
                    MigrationParameter.DOWNTIME_LIMIT,
                    call.integer("value").orElseThrow() / NANOS_PER_MILLI)));
  }

  /** Without -d the prompt comes back when the migration is over, however it ended. */
  private void migrate(HmpCall call) throws MonitorException {
    boolean disks = call.flag("blk") || call.flag("inc");
    if (call.flag("resume")) {
      throw PostcopyRefusals.resume();
    }
    String uri = call.string("uri").orElseThrow();
    if (call.flag("detach")) {
      outgoing.start(uri, disks, () -> {});
      return;
    }
    ProgressLine[] line = new ProgressLine[1];
    HmpCall.Suspension[] prompt = new HmpCall.Suspension[1];
    outgoing.start(
        uri,
        disks,
        () -> {
          line[0].end();
          prompt[0].resume();
        });
    // The end is reported by a task of the loop, never before this one has returned.
    prompt[0] = call.suspend();
    line[0] = new ProgressLine(loop, outgoing, prompt[0]);
    line[0].begin();
  }

  private void migrateContinue(HmpCall call) throws MonitorException {
    String state = call.string("state").orElseThrow();
    for (MigrationStatus status : MigrationStatus.values()) {
      if (status.qapiName().equals(state)) {
        outgoing.continueFrom(state);
        return;
      }
    }
    throw new MonitorException("invalid parameter value: " + state);
  }

  private void setCapability(HmpCall call) throws MonitorException {
    String name = call.string("capability").orElseThrow();
    MigrationCapability capability =
        MigrationCapability.named(name)
            .orElseThrow(() -> new MonitorException("invalid parameter value: " + name));
    outgoing.refuseWhileUnderWay();
    try {
      parameters.switchCapabilities(Map.of(capability, call.flag("state")));
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void setParameter(HmpCall call) throws MonitorException {
    String name = call.string("parameter").orElseThrow();
    MigrationParameter parameter =
        MigrationParameter.named(name)
            .orElseThrow(() -> new MonitorException("invalid parameter value: " + name));
    try {
      parameters.set(parameter, parameter.parse(call.string("value").orElseThrow()));
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void set(MigrationParameter parameter, Object value) throws MonitorException {
    try {
      parameters.set(parameter, value);
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void infoCapabilities(HmpCall call) {
    for (MigrationCapability capability : MigrationCapability.values()) {
      call.print(
          capability.qapiName() + ": " + (parameters.isOn(capability) ? "on" : "off") + "\n");
    }
  }

  private void infoParameters(HmpCall call) {
    for (MigrationParameter parameter : MigrationParameter.values()) {
      if (parameter.isListed()) {
        call.print(parameter.qapiName() + ": " + parameter.show(parameters.get(parameter)) + "\n");
      }
    }
  }
}
