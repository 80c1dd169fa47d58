package dev.dunlin.core.cli;

import dev.dunlin.core.cli.KeyValueList.Entry;
import dev.dunlin.core.machine.MachineType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code -machine}: the machine and its properties.
 *
 * @param type the full name, as a stream's configuration section has it: {@code pc-i440fx-7.2}
 */
public record MachineOption(String type, boolean suppressVmdesc, Optional<String> memoryBackend) {
  private static final String DEFAULT = "pc-i440fx-7.2";

  /** What {@code -machine help} prints. */
  public static String help() {
    return MachineType.help();
  }

  /** Whether the user only wants the list. */
  public static boolean isHelpWanted(ParsedOptions options) {
    return options.all("machine").stream().anyMatch(a -> a.equals("help") || a.equals("?"));
  }

  /** Several {@code -machine} add up, as in QEMU; of equal keys the last counts. */
  public static MachineOption read(ParsedOptions options) throws OptionException {
    List<Entry> entries = new ArrayList<>();
    for (ParsedOptions.Option option : options.occurrences("machine")) {
      entries.addAll(option.read(text -> KeyValueList.parseStrict(text, "type")).entries());
    }
    KeyValueList list = KeyValueList.of(entries);
    String type = MachineType.named(list.last("type").orElse(DEFAULT)).name();
    for (Entry entry : entries) {
      checkKnown(type, entry.key(), entry.value());
    }
    return new MachineOption(
        type, list.bool("suppress-vmdesc", false), list.last("memory-backend"));
  }

  private static void checkKnown(String type, String key, String value) throws OptionException {
    switch (key) {
      case "type", "suppress-vmdesc", "memory-backend" -> {}
      case "usb", "graphics" -> {
        if (Booleans.parameter(key, value)) {
          throw new OptionException(
              "Property '" + type + "-machine." + key + "' can only be off: no such device");
        }
      }
      case "accel" ->
          throw new OptionException(
              "Property '"
                  + type
                  + "-machine.accel' is not supported: Dunlin runs no guest code"
                  + " by itself");
      default -> throw new OptionException("Property '" + type + "-machine." + key + "' not found");
    }
  }
}
