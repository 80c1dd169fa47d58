package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.CoreConfig;
import dev.dunlin.core.cli.DeviceOption;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.MemoryBackend;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import dev.dunlin.ram.RamBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes a {@link MachineConfig} of the command line. Refuses what only a machine can know to be
 * wrong; opens nothing.
 */
public final class MachineOptions {
  /** Drivers of {@code -device} that belong here. */
  public static final ImmutableSet<String> DRIVERS =
      ImmutableSet.<String>builder()
          .addAll(VideoCards.DRIVERS)
          .add(LoaderDevice.DRIVER)
          .add(RamWriterDevice.DRIVER)
          .build();

  private MachineOptions() {}

  public static MachineConfig read(CoreConfig core, ParsedOptions options) throws OptionException {
    MachineConfig.Builder config = MachineConfig.builder(core.machine().type());
    MachineType type = MachineType.named(core.machine().type());
    if (type.family() == MachineType.Family.RELAY) {
      refuseOnRelay(core, options);
    }
    long ramSize = wholePages(core.memory().orElse(type.defaultRamSize()));
    config.ramSize(ramSize).dataDirectories(core.dataDirectories()).optionRoms(core.optionRoms());
    core.machine().memoryBackend().ifPresent(id -> useBackend(config, core, id));
    core.bios().ifPresent(config::bios);
    config.video(
        VideoCards.read(
            type, options.last("vga"), core.noDefaults(), core.devices(), nics(core, options)));
    addRamDevices(config, core.devices(), type, ramSize);
    return config.build();
  }

  /** What a relay's machine consists of comes in from outside. */
  private static void refuseOnRelay(CoreConfig core, ParsedOptions options) throws OptionException {
    for (String name : ImmutableList.of("bios", "option-rom", "device", "vga")) {
      ImmutableList<Option> given = options.occurrences(name);
      if (!given.isEmpty()) {
        throw given.get(0).mistake("a relay has no devices and no firmware of its own");
      }
    }
    if (core.machine().memoryBackend().isPresent()) {
      throw new OptionException("a relay has no memory of its own: its blocks come in");
    }
    if (!options.has("incoming")) {
      throw new OptionException(
          "a relay needs -incoming: it holds a guest that comes in and has none of its own");
    }
  }

  /** A backend's size may be anything; its block is a number of pages. */
  private static long wholePages(long size) {
    return (size + RamBlock.PAGE_SIZE - 1) & -RamBlock.PAGE_SIZE;
  }

  private static void useBackend(MachineConfig.Builder config, CoreConfig core, String id) {
    config.ramBlock(id);
    for (MemoryBackend backend : core.backends()) {
      if (backend.id().equals(id)) {
        backend.path().ifPresent(path -> config.ramFile(new MemoryFile(path, backend.share())));
      }
    }
  }

  private static void addRamDevices(
      MachineConfig.Builder config, List<DeviceOption> devices, MachineType type, long ramSize)
      throws OptionException {
    List<LoaderDevice> loaders = new ArrayList<>();
    List<RamWriterDevice> writers = new ArrayList<>();
    for (DeviceOption device : devices) {
      if (device.driver().equals(LoaderDevice.DRIVER)) {
        loaders.add(LoaderDevice.read(device, type.family().isPc()));
      } else if (device.driver().equals(RamWriterDevice.DRIVER)) {
        writers.add(RamWriterDevice.read(device, ramSize));
      }
    }
    config.loaders(loaders).writers(writers);
  }

  /** PCI network cards that take a slot before any {@code -device} does. */
  private static int nics(CoreConfig core, ParsedOptions options) {
    boolean said = options.has("net") || options.has("nic") || options.has("netdev");
    if (!said) {
      // A card given by -device doesn't keep QEMU from adding its default one.
      return core.noDefaults() ? 0 : 1;
    }
    long old =
        options.all("net").stream()
            .map(text -> KeyValueList.parse(text, "type"))
            .filter(list -> list.last("type").equals(Optional.of("nic")))
            .filter(MachineOptions::isPci)
            .count();
    long modern =
        options.all("nic").stream()
            .map(text -> KeyValueList.parse(text, "type"))
            .filter(list -> !list.last("type").equals(Optional.of("none")))
            .filter(MachineOptions::isPci)
            .count();
    return (int) (old + modern);
  }

  private static boolean isPci(KeyValueList nic) {
    return !nic.last("model").equals(Optional.of("ne2k_isa"));
  }
}
