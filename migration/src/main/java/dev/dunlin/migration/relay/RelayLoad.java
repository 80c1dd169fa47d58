package dev.dunlin.migration.relay;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.ram.RamLoader;
import dev.dunlin.migration.stream.BlockSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.DirtyBitmapSection;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SavevmReader;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.SectionLoader;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.StreamReceiver;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.RamFileProvider;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One stream on its way into a relay: read whole first, then the relay's memory and state at once.
 * The incoming migration's thread, but for {@link #apply}.
 */
public final class RelayLoad implements AutoCloseable {
  private final GuestRam machine;
  private final ArrivingRam arriving;
  private final Receiver receiver;
  private Optional<HeldGuest> held = Optional.empty();

  /**
   * @param uuid when present, the only guest that is taken of those that say who they are
   */
  public RelayLoad(
      GuestRam machine, Optional<UUID> uuid, RamFileProvider files, Consumer<String> warnings) {
    this.machine = machine;
    this.arriving = new ArrivingRam(files, machine.limit());
    this.receiver = new Receiver(new RamLoader(arriving), uuid, warnings);
  }

  /** Reads and checks the stream to its end; the machine is as it was. */
  public void read(StreamInput in) throws LoadException {
    SavevmReader reader = new SavevmReader(in, receiver);
    reader.load();
    if (receiver.ramSection < 0) {
      throw LoadException.invalid("The stream has no RAM");
    }
    held =
        Optional.of(
            new HeldGuest(
                receiver.configuration,
                reader.hasFooters(),
                receiver.ramSection,
                receiver.devices));
  }

  /**
   * Makes the machine what was read, and answers with what isn't RAM. Once, after {@link #read}.
   */
  public HeldGuest apply() {
    HeldGuest guest = held.orElseThrow();
    List<RamBlock> blocks = arriving.blocks();
    machine.arrive(blocks, HeldMap.of(guest, blocks));
    arriving.handedOver();
    return guest;
  }

  @Override
  public void close() {
    arriving.close();
  }

  /** Takes whatever it is that comes. */
  private static final class Receiver implements StreamReceiver {
    private final RamLoader ram;
    private final Optional<UUID> uuid;
    private final ImmutableList<SectionLoader> loaders;
    private final Consumer<String> warnings;
    private Optional<Configuration> configuration = Optional.empty();
    private DeviceSections devices = DeviceSections.NONE;
    private int ramSection = -1;

    Receiver(RamLoader ram, Optional<UUID> uuid, Consumer<String> warnings) {
      this.ram = ram;
      this.uuid = uuid;
      this.warnings = warnings;
      this.loaders =
          ImmutableList.of(ram, new BlockSection(warnings), new DirtyBitmapSection(name -> {}));
    }

    @Override
    public Optional<StreamDialect> expected() {
      return Optional.empty();
    }

    @Override
    public void configuration(Configuration received) throws LoadException {
      if (uuid.isPresent()) {
        received.checkUuid(uuid, warnings);
      }
      received.refuseUnknownCapabilities();
      if (received.ignoresShared()) {
        throw LoadException.invalid(
            "The guest's shared memory isn't in the stream (x-ignore-shared): a relay has no part in"
                + " it");
      }
      if (!received.isKeptWhole()) {
        throw LoadException.invalid("No machine has such a name");
      }
      configuration = Optional.of(received);
    }

    @Override
    public Optional<SectionLoader> loader(String idstr, int instance) {
      return loaders.stream()
          .filter(loader -> loader.idstr().equals(idstr) && loader.instance() == instance)
          .findFirst();
    }

    @Override
    public boolean takesDevices() {
      return true;
    }

    @Override
    public void devices(DeviceSections received) {
      devices = received;
    }

    @Override
    public void begins(SectionHeader section, long position) {
      if (section.idstr().equals(ram.idstr())) {
        ramSection = section.section();
      }
    }

    @Override
    public void warn(String line) {
      warnings.accept(line);
    }
  }
}
