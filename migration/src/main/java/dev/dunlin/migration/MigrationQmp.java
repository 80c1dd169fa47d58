package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpEvent;
import dev.dunlin.core.monitor.QmpType;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The machine monitor's migration commands and events (qapi/migration.json). Loop thread. */
final class MigrationQmp {
  private static final ImmutableMap<String, Object> NOTHING = ImmutableMap.of();
  private static final double MILLIS_PER_SECOND = 1000;

  private static final QmpType STATUS =
      new QmpType.EnumOf(
          "MigrationStatus",
          Arrays.stream(MigrationStatus.values())
              .map(MigrationStatus::qapiName)
              .collect(ImmutableList.toImmutableList()));

  private static final QmpType CAPABILITY =
      new QmpType.Struct(
          "MigrationCapabilityStatus",
          ImmutableList.of(
              Parameter.required(
                  "capability",
                  new QmpType.EnumOf(
                      "MigrationCapability",
                      Arrays.stream(MigrationCapability.values())
                          .map(MigrationCapability::qapiName)
                          .collect(ImmutableList.toImmutableList()))),
              Parameter.required("state", QmpType.BOOL)));

  private static final ImmutableList<Parameter> PARAMETERS =
      Arrays.stream(MigrationParameter.values())
          .map(parameter -> Parameter.optional(parameter.qapiName(), typeOf(parameter)))
          .collect(ImmutableList.toImmutableList());

  private final OutgoingMigration outgoing;
  private final IncomingMigration incoming;
  private final MigrationParameters parameters;
  private final MigrationReport report;

  MigrationQmp(
      OutgoingMigration outgoing,
      IncomingMigration incoming,
      MigrationParameters parameters,
      MigrationReport report) {
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.parameters = parameters;
    this.report = report;
  }

  void register(MonitorRegistry monitor) {
    monitor.declareEvent(
        new QmpEvent("MIGRATION", ImmutableList.of(Parameter.required("status", STATUS))));
    monitor.declareEvent(
        new QmpEvent("MIGRATION_PASS", ImmutableList.of(Parameter.required("pass", QmpType.INT))));
    Parameter uri = Parameter.required("uri", QmpType.STRING);
    add(
        monitor,
        "migrate",
        ImmutableList.of(
            uri,
            Parameter.optional("blk", QmpType.BOOL),
            Parameter.optional("inc", QmpType.BOOL),
            Parameter.optional("detach", QmpType.BOOL),
            Parameter.optional("resume", QmpType.BOOL)),
        QmpType.EMPTY,
        this::migrate);
    command(monitor, "migrate_cancel", ImmutableList.of(), call -> outgoing.cancel());
    command(
        monitor,
        "migrate-continue",
        ImmutableList.of(Parameter.required("state", STATUS)),
        call -> outgoing.continueFrom(call.string("state").orElseThrow()));
    command(
        monitor,
        "migrate-incoming",
        ImmutableList.of(uri),
        call -> incoming.start(call.string("uri").orElseThrow()));
    command(monitor, "migrate-pause", ImmutableList.of(), call -> PostcopyRefusals.pause());
    command(monitor, "migrate-recover", ImmutableList.of(uri), call -> PostcopyRefusals.recover());
    command(
        monitor,
        "migrate-start-postcopy",
        ImmutableList.of(),
        call -> PostcopyRefusals.startPostcopy());
    registerSettings(monitor);
    add(
        monitor,
        "query-migrate",
        ImmutableList.of(),
        MigrationInfoSchema.INFO,
        call -> report.object());
  }

  private void registerSettings(MonitorRegistry monitor) {
    command(monitor, "migrate-set-parameters", PARAMETERS, this::setParameters);
    command(
        monitor,
        "migrate-set-capabilities",
        ImmutableList.of(Parameter.required("capabilities", new QmpType.ListOf(CAPABILITY))),
        this::setCapabilities);
    command(
        monitor,
        "migrate_set_speed",
        ImmutableList.of(Parameter.required("value", QmpType.INT)),
        call ->
            set(
                Map.of(
                    MigrationParameter.MAX_BANDWIDTH,
                    Math.max(0, call.integer("value").orElseThrow()))));
    command(
        monitor,
        "migrate_set_downtime",
        ImmutableList.of(Parameter.required("value", QmpType.NUMBER)),
        call ->
            set(
                Map.of(
                    MigrationParameter.DOWNTIME_LIMIT,
                    (long) (call.number("value").orElseThrow() * MILLIS_PER_SECOND))));
    add(
        monitor,
        "query-migrate-parameters",
        ImmutableList.of(),
        new QmpType.Struct("MigrationParameters", PARAMETERS),
        call -> parameterValues());
    add(
        monitor,
        "query-migrate-capabilities",
        ImmutableList.of(),
        new QmpType.ListOf(CAPABILITY),
        call -> capabilities());
  }

  /** A command without an answer. */
  @FunctionalInterface
  private interface Action {
    void run(QmpCall call) throws MonitorException;
  }

  private static void command(
      MonitorRegistry monitor, String name, ImmutableList<Parameter> parameters, Action action) {
    add(
        monitor,
        name,
        parameters,
        QmpType.EMPTY,
        call -> {
          action.run(call);
          return NOTHING;
        });
  }

  private static void add(
      MonitorRegistry monitor,
      String name,
      ImmutableList<Parameter> parameters,
      QmpType returns,
      QmpCommand.Handler handler) {
    monitor.addQmp(new QmpCommand(name, parameters, returns, handler));
  }

  /** Always detached: QMP answers when the migration has started. */
  private Object migrate(QmpCall call) throws MonitorException {
    if (call.bool("resume").orElse(false)) {
      throw PostcopyRefusals.resume();
    }
    boolean disks = call.bool("blk").orElse(false) || call.bool("inc").orElse(false);
    outgoing.start(call.string("uri").orElseThrow(), disks, () -> {});
    return NOTHING;
  }

  private void setParameters(QmpCall call) throws MonitorException {
    Map<MigrationParameter, Object> changes = new EnumMap<>(MigrationParameter.class);
    for (Map.Entry<String, Object> argument : call.arguments().entrySet()) {
      MigrationParameter parameter = MigrationParameter.named(argument.getKey()).orElseThrow();
      changes.put(parameter, parameter.ofJson(argument.getValue()));
    }
    set(changes);
  }

  private void set(Map<MigrationParameter, Object> changes) throws MonitorException {
    try {
      parameters.set(changes);
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void setCapabilities(QmpCall call) throws MonitorException {
    Map<MigrationCapability, Boolean> changes = new EnumMap<>(MigrationCapability.class);
    for (Object item : call.list("capabilities").orElse(List.of())) {
      Map<?, ?> pair = (Map<?, ?>) item;
      changes.put(
          MigrationCapability.named(String.valueOf(pair.get("capability"))).orElseThrow(),
          Boolean.TRUE.equals(pair.get("state")));
    }
    outgoing.refuseWhileUnderWay();
    try {
      parameters.switchCapabilities(changes);
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private Map<String, Object> parameterValues() {
    Map<String, Object> values = new LinkedHashMap<>();
    for (MigrationParameter parameter : MigrationParameter.values()) {
      values.put(parameter.qapiName(), toJson(parameters.get(parameter)));
    }
    return values;
  }

  /** QAPI's size type is unsigned: 2^64-1 must not come out as -1. */
  private static Object toJson(Object value) {
    return value instanceof Long number && number < 0
        ? new BigInteger(Long.toUnsignedString(number))
        : value;
  }

  private ImmutableList<Object> capabilities() {
    return Arrays.stream(MigrationCapability.values())
        .map(c -> ImmutableMap.of("state", parameters.isOn(c), "capability", c.qapiName()))
        .collect(ImmutableList.toImmutableList());
  }

  private static QmpType typeOf(MigrationParameter parameter) {
    return switch (parameter.kind()) {
      case BOOL -> QmpType.BOOL;
      case TEXT -> QmpType.STRING;
      case COMPRESSION -> new QmpType.EnumOf("MultiFDCompression", MigrationParameter.COMPRESSIONS);
      default -> QmpType.INT;
    };
  }
}
