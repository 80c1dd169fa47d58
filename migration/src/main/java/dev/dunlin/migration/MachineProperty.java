package dev.dunlin.migration;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;

/** A boolean of {@code -machine}; several options add up and the last value counts. */
final class MachineProperty {
  private MachineProperty() {}

  static boolean isOn(ParsedOptions options, String key) throws OptionException {
    boolean on = false;
    for (Option option : options.occurrences("machine")) {
      boolean before = on;
      on = option.read(text -> KeyValueList.parse(text, "type").bool(key, before));
    }
    return on;
  }
}
