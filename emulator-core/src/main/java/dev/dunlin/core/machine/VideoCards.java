package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.DeviceOption;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.machine.MachineType.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which video cards a machine has, as far as their memory goes: the type's default, what {@code
 * -vga} says, and {@code -device VGA} and its kin.
 *
 * <p>Dunlin's default for {@code -M pc} names the memory plainly {@code vga.vram}, as QEMU does
 * with {@code -vga none -device VGA,global-vmstate=on}; {@code -vga std} said aloud names it by the
 * card's place on the bus, as QEMU's own default does.
 *
 * @param rom the card's option ROM, where the stream declares it as a block of its own
 */
record VideoCards(ImmutableList<VideoMemory> memory, Optional<BlockSpec> rom) {
  static final VideoCards NONE = new VideoCards(ImmutableList.of(), Optional.empty());

  /** Devices whose presence takes the default card's place (softmmu/vl.c: default_list). */
  private static final ImmutableSet<String> REPLACE_DEFAULT = ImmutableSet.of("VGA", "isa-vga");

  static final ImmutableSet<String> DRIVERS = ImmutableSet.of("VGA", "isa-vga", "secondary-vga");

  private static final ImmutableSet<String> PCI_PROPERTIES =
      ImmutableSet.of(
          "acpi-index",
          "addr",
          "big-endian-framebuffer",
          "edid",
          "global-vmstate",
          "mmio",
          "multifunction",
          "qemu-extended-regs",
          "refresh_rate",
          "rombar",
          "romfile",
          "romsize",
          "vgamem_mb",
          "xmax",
          "xres",
          "ymax",
          "yres");

  private static final ImmutableSet<String> ISA_PROPERTIES = ImmutableSet.of("vgamem_mb");

  /** hw/display/vga-isa.c. */
  private static final int ISA_DEFAULT_MIB = 8;

  /** What fills the seed's declared total of 0x20460000 with {@code -m 500}. */
  private static final String SEED_ROM = "0000:00:02.0/vga.rom";

  private static final long SEED_ROM_LENGTH = 0x20000;

  /** What a machine of this type has when nothing is said. */
  static VideoCards byDefault(MachineType type) {
    VideoMemory plain = VideoMemory.pci(VideoMemory.PLAIN_NAME, type.defaultVideoMib());
    return switch (type.family()) {
      case NONE, RELAY -> NONE;
      case I440FX, Q35, ISA -> new VideoCards(ImmutableList.of(plain), Optional.empty());
      case PC_0_12 ->
          new VideoCards(ImmutableList.of(plain), Optional.of(seedRom(SEED_ROM_LENGTH)));
    };
  }

  private static BlockSpec seedRom(long length) {
    return new BlockSpec(SEED_ROM, length, true);
  }

  /**
   * What the command line asks for.
   *
   * @param vga the argument of {@code -vga}: std or none
   * @param devices all {@code -device}s in order; other drivers than video cards take slots only
   * @param nics PCI network cards that come before them
   */
  static VideoCards read(
      MachineType type,
      Optional<String> vga,
      boolean noDefaults,
      List<DeviceOption> devices,
      int nics)
      throws OptionException {
    boolean replaced = devices.stream().anyMatch(d -> REPLACE_DEFAULT.contains(d.driver()));
    if (vga.isEmpty() && !noDefaults && !replaced && cardsAmong(devices).isEmpty()) {
      return byDefault(type);
    }
    Reading reading = new Reading(type);
    if (vga.isPresent() && vga.get().equals("std")) {
      reading.addStandard();
    } else if (vga.isEmpty() && !noDefaults && !replaced) {
      reading.addAll(byDefault(type));
    }
    reading.bus.skip(nics);
    for (DeviceOption device : devices) {
      reading.add(device);
    }
    return new VideoCards(ImmutableList.copyOf(reading.memory), reading.rom);
  }

  private static List<DeviceOption> cardsAmong(List<DeviceOption> devices) {
    return devices.stream().filter(device -> DRIVERS.contains(device.driver())).toList();
  }

  /** Cards are added one by one, each taking its place on the bus. */
  private static final class Reading {
    private final MachineType type;
    private final PciSlots bus;
    private final List<VideoMemory> memory = new ArrayList<>();
    private Optional<BlockSpec> rom = Optional.empty();

    Reading(MachineType type) {
      this.type = type;
      this.bus = new PciSlots(type.family());
    }

    void addAll(VideoCards cards) {
      if (type.family().hasPci()) {
        bus.takeFree("VGA");
      }
      memory.addAll(cards.memory());
      rom = cards.rom();
    }

    /** {@code -vga std}; machine {@code none} ignores it, as QEMU does after a warning. */
    void addStandard() {
      if (type.family() == Family.ISA) {
        memory.add(VideoMemory.isa(ISA_DEFAULT_MIB));
      } else if (type.family().hasPci()) {
        String place = bus.takeFree("VGA");
        memory.add(VideoMemory.pci(nameAt(place, type.globalVideo()), VideoMemory.DEFAULT_MIB));
        addSeedRom(SEED_ROM_LENGTH);
      }
    }

    void add(DeviceOption device) throws OptionException {
      switch (device.driver()) {
        case "VGA" -> addPci(device, true);
        case "secondary-vga" -> addPci(device, false);
        case "isa-vga" -> addIsa(device);
        case "loader", "ram-writer", "ne2k_isa" -> {}
        default -> takePlaceOf(device);
      }
    }

    private void addPci(DeviceOption device, boolean legacy) throws OptionException {
      DeviceProperties properties = new DeviceProperties(device, PCI_PROPERTIES);
      if (!type.family().hasPci()) {
        throw properties.mistake("No 'PCI' bus found for device '" + device.driver() + "'");
      }
      long mib = properties.uint32("vgamem_mb").orElse(VideoMemory.DEFAULT_MIB);
      boolean global =
          properties.optionalBool("global-vmstate").orElse(legacy && type.globalVideo());
      String place = placeOf(properties, device.driver());
      addSeedRom(romLength(properties));
      String idstr = nameAt(place, global);
      if (memory.stream().anyMatch(card -> card.idstr().equals(idstr))) {
        throw properties.mistake("Only one global VGA device can be used at a time");
      }
      memory.add(legacy ? VideoMemory.pci(idstr, mib) : VideoMemory.secondary(idstr, mib));
    }

    private void addIsa(DeviceOption device) throws OptionException {
      DeviceProperties properties = new DeviceProperties(device, ISA_PROPERTIES);
      if (!type.family().isPc()) {
        throw properties.mistake("No 'ISA' bus found for device 'isa-vga'");
      }
      if (memory.stream().anyMatch(card -> card.idstr().equals(VideoMemory.PLAIN_NAME))) {
        throw properties.mistake("Only one global VGA device can be used at a time");
      }
      memory.add(VideoMemory.isa(properties.uint32("vgamem_mb").orElse(ISA_DEFAULT_MIB)));
    }

    private void takePlaceOf(DeviceOption device) {
      if (type.family().hasPci() && device.properties().last("addr").isEmpty()) {
        bus.takeFree(device.driver());
      }
    }

    private String placeOf(DeviceProperties properties, String driver) throws OptionException {
      Optional<String> address = properties.text("addr");
      return address.isEmpty() ? bus.takeFree(driver) : bus.take(driver, address.get(), properties);
    }

    private void addSeedRom(long length) {
      if (type.family() == Family.PC_0_12 && rom.isEmpty()) {
        rom = Optional.of(seedRom(length));
      }
    }

    /** hw/pci/pci.c: pci_qdev_realize. */
    private static long romLength(DeviceProperties properties) throws OptionException {
      long length = properties.uint32("romsize").orElse(SEED_ROM_LENGTH);
      if (Long.bitCount(length) != 1) {
        throw properties.mistake("ROM size " + length + " is not a power of two");
      }
      return Math.max(length, 4096);
    }

    private static String nameAt(String place, boolean global) {
      return global ? VideoMemory.PLAIN_NAME : place + "/" + VideoMemory.PLAIN_NAME;
    }
  }
}
