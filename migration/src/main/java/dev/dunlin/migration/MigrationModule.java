package dev.dunlin.migration;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.cli.GlobalProperty;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import dev.dunlin.core.machine.MachineType;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.migration.channel.ChannelException;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.vmstate.SaveStateHandler;
import dev.dunlin.migration.vmstate.StateEntry;
import dev.dunlin.migration.vmstate.VmStateRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plugs migration into an emulator: {@code -incoming}, {@code -global migration.*}, the commands.
 */
public final class MigrationModule implements EmulatorModule {
  /** What goes beside pages when the machine has none. */
  static final UUID NO_UUID = new UUID(0, 0);

  private static final String DEFER = "defer";

  private final VmStateRegistry devices = new VmStateRegistry();
  private final Consumer<String> complaints;
  private final MigrationParameters parameters = new MigrationParameters();
  private Optional<Option> incomingOption = Optional.empty();
  private List<GlobalProperty> globals = List.of();
  private boolean suppressVmDescription;
  private Optional<UUID> uuid = Optional.empty();
  private @Nullable OutgoingMigration outgoing;
  private @Nullable IncomingMigration incoming;
  private @Nullable SnapshotLoad snapshotLoad;

  /** As the launcher finds it: what goes wrong is said on stderr, as QEMU does. */
  public MigrationModule() {
    this(line -> System.err.println("dunlin: " + line));
  }

  /**
   * For an embedder.
   *
   * @param complaints hears why a migration failed, line by line; loop thread
   */
  public MigrationModule(Consumer<String> complaints) {
    this.complaints = complaints;
  }

  /** Adds a device's state to the stream; before the emulator starts. */
  public MigrationModule withState(SaveStateHandler handler) {
    devices.add(handler);
    return this;
  }

  /** Adds a device whose fields are described; before the emulator starts. */
  public MigrationModule withState(StateEntry entry) {
    devices.add(entry);
    return this;
  }

  @Override
  public String name() {
    return "migration";
  }

  @Override
  public ImmutableList<OptionSpec> options() {
    return ImmutableList.of(
        new OptionSpec(
            "incoming",
            "uri",
            "prepare for incoming migration\n"
                + "tcp:[host]:port[,ipv4=on|off][,ipv6=on|off], unix:socketpath: listen there\n"
                + "exec:cmdline, fd:fd, file:path[,offset=n]: read from there\n"
                + "defer: wait for the URI to be specified via migrate_incoming"));
  }

  @Override
  public void configure(ParsedOptions options) throws OptionException {
    List<GlobalProperty> read = new ArrayList<>();
    for (Option option : options.occurrences("global")) {
      read.add(option.read(GlobalProperty::read));
    }
    globals = List.copyOf(read);
    // Values are checked now, on values of their own, so that nothing starts that can't be.
    var unused = MigrationOptions.of("none", false).with(globals, new MigrationParameters());
    suppressVmDescription = MachineProperty.isOn(options, "suppress-vmdesc");
    uuid = options.last("uuid").map(UUID::fromString);
    ImmutableList<Option> given = options.occurrences("incoming");
    incomingOption = given.isEmpty() ? Optional.empty() : Optional.of(given.get(given.size() - 1));
    if (incomingOption.isPresent() && !incomingOption.get().argument().equals(DEFER)) {
      incomingOption.get().read(MigrationModule::checkUri);
    }
  }

  @Override
  public void start(Emulator emulator) throws OptionException {
    MigrationOptions options =
        MigrationOptions.of(
                emulator.ram().isAwaited() ? MachineType.RELAY : emulator.machineType(),
                suppressVmDescription)
            .with(globals, parameters);
    if (emulator.ram().isAwaited()) {
      if (incomingOption.isEmpty()) {
        throw new OptionException("a machine whose memory comes in needs -incoming");
      }
      emulator.run().setOnlyHolds(true);
    }
    emulator.moduleStates().forEach(state -> devices.add(new ModuleStateHandler(state)));
    OutgoingMigration out =
        new OutgoingMigration(emulator, parameters, options, devices, uuid, complaints);
    IncomingLoader.Machine machine =
        new IncomingLoader.Machine(
            emulator.ram(),
            emulator.machineType(),
            options.dialect(),
            uuid,
            devices,
            GuestMemoryFiles.best());
    IncomingMigration in = new IncomingMigration(emulator, parameters, machine, complaints);
    SnapshotLoad load = new SnapshotLoad(emulator, machine, out, complaints);
    outgoing = out;
    incoming = in;
    snapshotLoad = load;
    MigrationReport report = new MigrationReport(out, in, options);
    new MigrationHmp(emulator.loop(), out, in, parameters, report).register(emulator.monitor());
    new MigrationQmp(out, in, parameters, report).register(emulator.monitor());
    new SnapshotCommands(load).register(emulator.monitor());
    if (incomingOption.isPresent()) {
      Option option = incomingOption.get();
      try {
        in.expect(option.argument());
      } catch (ChannelException e) {
        throw option.mistake(String.valueOf(e.getMessage()));
      }
    }
  }

  @Override
  public void stop() {
    if (outgoing != null) {
      outgoing.stop();
    }
    if (incoming != null) {
      incoming.stop();
    }
    if (snapshotLoad != null) {
      snapshotLoad.stop();
    }
  }

  /** Starts, cancels and asks about migrations without a monitor. Loop thread, once started. */
  public OutgoingMigration outgoing() {
    return Preconditions.checkNotNull(outgoing, "the emulator hasn't started");
  }

  private static ChannelUri checkUri(String uri) throws OptionException {
    try {
      return ChannelUri.parse(uri);
    } catch (ChannelException e) {
      throw new OptionException(String.valueOf(e.getMessage()));
    }
  }
}
