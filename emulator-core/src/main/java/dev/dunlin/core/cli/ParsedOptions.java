package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * The command line after the grammar: every option in order, each with its argument as written.
 * Immutable.
 */
public record ParsedOptions(ImmutableList<Option> options) {

  /**
   * One occurrence. {@code argument} is empty for a flag.
   *
   * @param name as in its {@link OptionSpec}, also when another spelling of it was used
   * @param written as the user wrote it, for messages: {@code --m 1x}
   */
  public record Option(String name, String argument, String written) {
    public Option(String name, String argument) {
      this(name, argument, "-" + name + (argument.isEmpty() ? "" : " " + argument));
    }

    /** A mistake in this option: QEMU names the option before the sentence. */
    public OptionException mistake(String sentence) {
      return new OptionException(written + ": " + sentence);
    }

    /** Runs a check of this option; its mistakes are told with the option before them. */
    public <T> T read(Reader<T> reader) throws OptionException {
      try {
        return reader.read(argument);
      } catch (OptionException e) {
        throw mistake(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Makes something of an option's argument. */
  @FunctionalInterface
  public interface Reader<T> {
    T read(String argument) throws OptionException;
  }

  /** All arguments of one option, in order. */
  public ImmutableList<String> all(String name) {
    return occurrences(name).stream()
        .map(Option::argument)
        .collect(ImmutableList.toImmutableList());
  }

  /** All occurrences of one option, in order. */
  public ImmutableList<Option> occurrences(String name) {
    return options.stream()
        .filter(option -> option.name().equals(name))
        .collect(ImmutableList.toImmutableList());
  }

  /** The last argument given: QEMU's rule for options that may be repeated but hold one value. */
  public Optional<String> last(String name) {
    ImmutableList<String> all = all(name);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  public boolean has(String name) {
    return options.stream().anyMatch(option -> option.name().equals(name));
  }
}
