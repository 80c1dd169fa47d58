package dev.dunlin.core.machine;

import dev.dunlin.core.cli.CoreConfig;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import java.util.List;

/** A command line, read as the program reads it. */
final class CommandLine {
  private static final OptionTable TABLE = OptionTable.of(CoreOptions.specs());

  private CommandLine() {}

  /** Options without blanks in them: {@code -M pc -m 500}. */
  static MachineConfig config(String line) throws OptionException {
    return config(line.isEmpty() ? List.of() : List.of(line.split(" ")));
  }

  static MachineConfig config(List<String> words) throws OptionException {
    ParsedOptions options = TABLE.parse(words);
    return MachineOptions.read(CoreConfig.read(options, MachineOptions.DRIVERS), options);
  }
}
