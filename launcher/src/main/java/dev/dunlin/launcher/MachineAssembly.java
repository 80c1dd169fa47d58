package dev.dunlin.launcher;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.cli.CoreConfig;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.machine.Machine;
import dev.dunlin.core.machine.MachineConfig;
import dev.dunlin.core.machine.MachineOptions;
import dev.dunlin.core.monitor.builtin.MonitorModule;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.posix.PosixException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * From the command line to an emulator: the only place that knows every module. Options are read
 * and refused first, then memory is allocated and files are opened; nothing runs yet.
 */
final class MachineAssembly {
  private final ImmutableList<EmulatorModule> modules;
  private final OptionTable table;

  private MachineAssembly(ImmutableList<EmulatorModule> modules) {
    this.modules = modules;
    this.table =
        OptionTable.of(
            ImmutableList.<OptionSpec>builder()
                .addAll(CoreOptions.specs())
                .addAll(modules.stream().flatMap(module -> module.options().stream()).iterator())
                .build());
  }

  /**
   * The monitors, so that others find their registry; then the modules on the class path
   * (META-INF/services); then the networks, whose backends those bring.
   */
  static MachineAssembly withAllModules() {
    ImmutableList<EmulatorModule> found =
        ImmutableList.copyOf(ServiceLoader.load(EmulatorModule.class));
    return new MachineAssembly(
        ImmutableList.<EmulatorModule>builder()
            .add(new MonitorModule(Version.text(), System.err::println))
            .addAll(found)
            .add(new NetworkModule(backends(found)))
            .build());
  }

  private static ImmutableList<NetBackendFactory> backends(List<EmulatorModule> modules) {
    return modules.stream()
        .flatMap(module -> module.netBackends().stream())
        .collect(ImmutableList.toImmutableList());
  }

  OptionTable table() {
    return table;
  }

  Program build(ParsedOptions options) throws OptionException, PosixException {
    CoreConfig core = CoreConfig.read(options, MachineOptions.DRIVERS);
    MachineConfig config = MachineOptions.read(core, options);
    EmulatorBuilder builder = new EmulatorBuilder().name(core.name());
    modules.forEach(builder::module);
    builder.configure(options);
    Optional<PidFile> pidFile = pidFile(options);
    Machine machine = Machine.create(config, GuestMemoryFiles.best(), Clock.system());
    builder.machine(machine.type(), machine.ram()).module(new GuestStart(machine));
    machine.cpus().forEach(builder::cpu);
    DefaultEmulator emulator = builder.build();
    emulator.run().setAutostart(!core.startStopped());
    emulator.run().resets().add(machine::reset);
    return new Program(emulator, machine, pidFile);
  }

  /** After the options are known to be good: a mistake leaves no file behind. */
  private static Optional<PidFile> pidFile(ParsedOptions options) throws OptionException {
    Optional<String> name = options.last("pidfile");
    return name.isPresent() ? Optional.of(PidFile.create(name.get())) : Optional.empty();
  }
}
