package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.util.UUID;

/** What the emulator is called and what it is. Loop thread. */
final class InfoCommands {
  private static final QmpType VERSION =
      new QmpType.Struct(
          "VersionInfo",
          ImmutableList.of(
              Parameter.required(
                  "qemu",
                  new QmpType.Struct(
                      "VersionTriple",
                      ImmutableList.of(
                          Parameter.required("major", QmpType.INT),
                          Parameter.required("minor", QmpType.INT),
                          Parameter.required("micro", QmpType.INT)))),
              Parameter.required("package", QmpType.STRING)));

  private static final QmpType NAME =
      new QmpType.Struct("NameInfo", ImmutableList.of(Parameter.optional("name", QmpType.STRING)));

  private static final QmpType UUID_INFO =
      new QmpType.Struct("UuidInfo", ImmutableList.of(Parameter.required("UUID", QmpType.STRING)));

  private static final QmpType CPUS =
      new QmpType.ListOf(
          new QmpType.Struct(
              "CpuInfoFast",
              ImmutableList.of(
                  Parameter.required("cpu-index", QmpType.INT),
                  Parameter.required("qom-path", QmpType.STRING),
                  Parameter.required("thread-id", QmpType.INT))));

  private final VersionInfo version;
  private final String name;
  private final UUID uuid;

  InfoCommands(VersionInfo version, String name, UUID uuid) {
    this.version = version;
    this.name = name;
    this.uuid = uuid;
  }

  void register(MonitorRegistry monitor) {
    info(monitor, "version", "show the version of QEMU", call -> call.print(version.human()));
    info(monitor, "name", "show the current VM name", this::printName);
    info(monitor, "uuid", "show the current VM UUID", call -> call.print(uuid + "\n"));
    info(monitor, "history", "show the command line history", InfoCommands::printHistory);
    // The CPU belongs to the embedding VMM: there is none that the monitor could show.
    info(monitor, "cpus", "show infos for each CPU", call -> {});
    query(monitor, "query-version", VERSION, version.qmp());
    query(
        monitor,
        "query-name",
        NAME,
        name.isEmpty() ? ImmutableMap.of() : ImmutableMap.of("name", name));
    query(monitor, "query-uuid", UUID_INFO, ImmutableMap.of("UUID", uuid.toString()));
    query(monitor, "query-cpus-fast", CPUS, ImmutableList.of());
  }

  private void printName(HmpCall call) {
    if (!name.isEmpty()) {
      call.print(name + "\n");
    }
  }

  private static void printHistory(HmpCall call) {
    int i = 0;
    for (String line : call.history()) {
      call.print(i++ + ": '" + line + "'\n");
    }
  }

  private static void info(
      MonitorRegistry monitor, String name, String help, HmpCommand.Handler handler) {
    monitor.addInfo(new HmpCommand(name, "", "", help, handler));
  }

  private static void query(MonitorRegistry monitor, String name, QmpType type, Object answer) {
    monitor.addQmp(new QmpCommand(name, ImmutableList.of(), type, call -> answer));
  }
}
