package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.ParsedOptions.Option;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What core's own options say, checked as far as that goes without opening anything. Networks are
 * read by {@code core.net}, monitors and character devices by theirs.
 *
 * @param memory bytes of RAM; empty: the machine's default
 */
public record CoreConfig(
    MachineOption machine,
    OptionalLong memory,
    ImmutableList<MemoryBackend> backends,
    String name,
    Optional<UUID> uuid,
    boolean startStopped,
    boolean noDefaults,
    boolean noReboot,
    boolean noShutdown,
    boolean noGraphic,
    boolean vga,
    Optional<String> bios,
    ImmutableList<String> dataDirectories,
    ImmutableList<String> optionRoms,
    ImmutableList<DeviceOption> devices,
    ImmutableList<GlobalProperty> globals) {

  /** Network cards that may be named; no card is emulated, an embedding VMM brings its own. */
  public static final ImmutableSet<String> NIC_MODELS =
      ImmutableSet.of(
          "e1000",
          "e1000-82544gc",
          "e1000-82545em",
          "e1000e",
          "i82550",
          "i82551",
          "i82557a",
          "i82557b",
          "i82557c",
          "i82558a",
          "i82558b",
          "i82559a",
          "i82559b",
          "i82559c",
          "i82559er",
          "i82562",
          "i82801",
          "ne2k_pci",
          "ne2k_isa",
          "pcnet",
          "rtl8139",
          "virtio-net-pci",
          "virtio-net",
          "virtio-net-pci-non-transitional",
          "virtio-net-pci-transitional",
          "vmxnet3");

  /** The devices that put bytes into RAM. */
  private static final ImmutableSet<String> RAM_DEVICES = ImmutableSet.of("loader", "ram-writer");

  /** Objects that others read: {@link Secret}, and the networks their filters. */
  private static final ImmutableSet<String> OTHER_OBJECTS =
      ImmutableSet.of(Secret.TYPE, "filter-dump");

  private static final ImmutableSet<String> GLOBAL_DRIVERS = ImmutableSet.of("migration");

  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}");

  /** Reads and checks core's options; {@code moreDrivers} are devices that modules bring. */
  public static CoreConfig read(ParsedOptions options, Set<String> moreDrivers)
      throws OptionException {
    checkAbsentDevices(options);
    MachineOption machine = MachineOption.read(options);
    OptionalLong memory = MemoryOption.read(options);
    ImmutableList<MemoryBackend> backends = backends(options);
    return new CoreConfig(
        machine,
        matchBackend(machine, memory, backends, options.has("m")),
        backends,
        name(options),
        uuid(options),
        options.has("S"),
        options.has("nodefaults"),
        options.has("no-reboot"),
        options.has("no-shutdown"),
        options.has("nographic"),
        vga(options),
        options.last("bios"),
        options.all("L"),
        optionRoms(options),
        devices(options, moreDrivers),
        globals(options));
  }

  private static void checkAbsentDevices(ParsedOptions options) throws OptionException {
    for (Option option : options.occurrences("display")) {
      if (option.argument().isEmpty()) {
        throw option.mistake("Parameter 'type' is missing");
      }
      if (!option.argument().equals("none")) {
        throw option.mistake("Parameter 'type' does not accept value '" + option.argument() + "'");
      }
    }
    for (String port : ImmutableList.of("serial", "parallel")) {
      for (Option option : options.occurrences(port)) {
        if (!option.argument().equals("none") && !option.argument().equals("null")) {
          throw option.mistake("this machine has no " + port + " port: only 'none' is possible");
        }
      }
    }
  }

  private static ImmutableList<MemoryBackend> backends(ParsedOptions options)
      throws OptionException {
    ImmutableList.Builder<MemoryBackend> backends = ImmutableList.builder();
    Set<String> ids = new HashSet<>();
    for (Option option : options.occurrences("object")) {
      KeyValueList list = KeyValueList.parse(option.argument(), "qom-type");
      if (!list.last("qom-type").filter(OTHER_OBJECTS::contains).isPresent()) {
        backends.add(option.read(MemoryBackend::read));
      }
      Optional<String> id = list.last("id");
      if (id.isPresent() && !ids.add(id.get())) {
        throw option.mistake("Duplicate ID '" + id.get() + "' for object");
      }
    }
    return backends.build();
  }

  /** {@code -m} and the backend's size must agree; without {@code -m} the backend's counts. */
  private static OptionalLong matchBackend(
      MachineOption machine,
      OptionalLong memory,
      ImmutableList<MemoryBackend> backends,
      boolean sizeGiven)
      throws OptionException {
    if (machine.memoryBackend().isEmpty()) {
      return memory;
    }
    String id = machine.memoryBackend().get();
    MemoryBackend backend =
        backends.stream()
            .filter(b -> b.id().equals(id))
            .findFirst()
            .orElseThrow(() -> new OptionException("Memory backend '" + id + "' not found"));
    if (sizeGiven && memory.isPresent() && memory.getAsLong() != backend.size()) {
      throw new OptionException(
          "Machine memory size does not match the size of the memory backend");
    }
    return OptionalLong.of(backend.size());
  }

  private static String name(ParsedOptions options) throws OptionException {
    String name = "";
    for (Option option : options.occurrences("name")) {
      KeyValueList list =
          option.read(
              text -> {
                KeyValueList parsed = KeyValueList.parse(text, "guest");
                parsed.refuseUnknown(Set.of("guest", "process", "debug-threads"));
                parsed.bool("debug-threads", false);
                return parsed;
              });
      if (list.has("process")) {
        throw option.mistake("Parameter 'process' is not supported: a JVM can't be renamed");
      }
      name = list.last("guest").orElse(name);
    }
    return name;
  }

  private static Optional<UUID> uuid(ParsedOptions options) throws OptionException {
    Optional<UUID> uuid = Optional.empty();
    for (Option option : options.occurrences("uuid")) {
      if (!UUID_TEXT.matcher(option.argument()).matches()) {
        throw option.mistake("failed to parse UUID string: wrong format");
      }
      uuid = Optional.of(UUID.fromString(option.argument()));
    }
    return uuid;
  }

  private static boolean vga(ParsedOptions options) throws OptionException {
    String type = options.last("vga").orElse("std");
    return switch (type) {
      case "std" -> true;
      case "none" -> false;
      case "cirrus" -> throw new OptionException("Cirrus VGA not available");
      case "vmware" -> throw new OptionException("VMWare SVGA not available");
      case "virtio" -> throw new OptionException("Virtio VGA not available");
      case "qxl" -> throw new OptionException("QXL VGA not available");
      default -> throw new OptionException("unknown vga type: " + type);
    };
  }

  private static ImmutableList<String> optionRoms(ParsedOptions options) throws OptionException {
    ImmutableList.Builder<String> roms = ImmutableList.builder();
    for (Option option : options.occurrences("option-rom")) {
      KeyValueList list = option.read(text -> KeyValueList.parse(text, "romfile"));
      option.read(
          text -> {
            list.refuseUnknown(Set.of("romfile"));
            return list;
          });
      if (!list.has("romfile")) {
        throw option.mistake("Option ROM file is not specified");
      }
      roms.add(list.required("romfile"));
    }
    return roms.build();
  }

  private static ImmutableList<DeviceOption> devices(ParsedOptions options, Set<String> moreDrivers)
      throws OptionException {
    ImmutableList.Builder<DeviceOption> devices = ImmutableList.builder();
    Set<String> ids = new HashSet<>();
    for (Option option : options.occurrences("device")) {
      DeviceOption device = DeviceOption.read(option);
      if (device.id().isPresent() && !ids.add(device.id().get())) {
        throw option.mistake("Duplicate ID '" + device.id().get() + "' for device");
      }
      boolean known =
          NIC_MODELS.contains(device.driver())
              || RAM_DEVICES.contains(device.driver())
              || moreDrivers.contains(device.driver());
      if (!known) {
        throw option.mistake("'" + device.driver() + "' is not a valid device model name");
      }
      devices.add(device);
    }
    return devices.build();
  }

  private static ImmutableList<GlobalProperty> globals(ParsedOptions options)
      throws OptionException {
    ImmutableList.Builder<GlobalProperty> globals = ImmutableList.builder();
    for (Option option : options.occurrences("global")) {
      GlobalProperty global = option.read(GlobalProperty::read);
      if (!GLOBAL_DRIVERS.contains(global.driver())) {
        throw option.mistake("there is no driver '" + global.driver() + "' with properties to set");
      }
      globals.add(global);
    }
    return globals.build();
  }
}
