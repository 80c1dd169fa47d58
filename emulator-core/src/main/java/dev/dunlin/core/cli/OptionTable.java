package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.cli.ParsedOptions.Option;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The options that an emulator understands: core's and its modules'. Reads a command line as QEMU
 * does (lookup_opt in softmmu/vl.c): one dash or two, an argument always in the next word, every
 * option known before any is looked at.
 */
public final class OptionTable {
  /** QEMU's second spellings. */
  private static final ImmutableMap<String, String> ALIASES =
      ImmutableMap.of("h", "help", "M", "machine");

  private final ImmutableMap<String, OptionSpec> specs;

  private OptionTable(ImmutableMap<String, OptionSpec> specs) {
    this.specs = specs;
  }

  /** A table of all these options; two of the same name are the modules' mistake. */
  public static OptionTable of(Collection<OptionSpec> specs) {
    Map<String, OptionSpec> byName = new LinkedHashMap<>();
    for (OptionSpec spec : specs) {
      if (byName.put(spec.name(), spec) != null) {
        throw new IllegalStateException("two options are called -" + spec.name());
      }
    }
    return new OptionTable(ImmutableMap.copyOf(byName));
  }

  public ImmutableList<OptionSpec> specs() {
    return specs.values().asList();
  }

  /** Reads a command line; {@code args} doesn't contain the program's name. */
  public ParsedOptions parse(List<String> args) throws OptionException {
    ImmutableList.Builder<Option> options = ImmutableList.builder();
    Deque<String> rest = new ArrayDeque<>(args);
    while (!rest.isEmpty()) {
      options.add(next(rest));
    }
    return new ParsedOptions(options.build());
  }

  private Option next(Deque<String> rest) throws OptionException {
    String word = rest.removeFirst();
    if (!word.startsWith("-")) {
      throw new OptionException(
          word + ": disk images are not supported: this machine has no block devices");
    }
    OptionSpec spec = find(word);
    if (!spec.takesArgument()) {
      return new Option(spec.name(), "", word);
    }
    if (rest.isEmpty()) {
      throw new OptionException(word + ": requires an argument");
    }
    String argument = rest.removeFirst();
    return new Option(spec.name(), argument, word + " " + argument);
  }

  private OptionSpec find(String word) throws OptionException {
    String given = word.substring(word.startsWith("--") ? 2 : 1);
    String name = ALIASES.getOrDefault(given, given);
    OptionSpec spec = specs.get(name);
    if (spec != null) {
      return spec;
    }
    Optional<String> reason = AbsentFeatures.reasonFor(name);
    throw new OptionException(
        word + ": " + reason.map(r -> "not supported: " + r).orElse("invalid option"));
  }
}
