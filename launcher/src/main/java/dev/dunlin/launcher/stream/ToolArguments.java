package dev.dunlin.launcher.stream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command line of {@code dunlin-stream}: a verb, options in any order ({@code --name value} or
 * {@code --name=value}; {@code --} ends them), and files.
 */
record ToolArguments(Verb verb, Map<String, String> options, List<String> files) {

  /** What the tool does, and what each takes. */
  enum Verb {
    PRINT(List.of("json", "full", "no-fields"), List.of(), 0, 1),
    VERIFY(List.of("json"), List.of(), 0, 1),
    EXTRACT(List.of("description"), List.of("block", "device"), 1, 2),
    COMPARE(List.of("json", "full"), List.of(), 2, 2),
    CONVERT(List.of(), List.of("to", "machine"), 2, 2);

    private final List<String> switches;
    private final List<String> settings;
    private final int fewest;
    private final int most;

    Verb(List<String> switches, List<String> settings, int fewest, int most) {
      this.switches = switches;
      this.settings = settings;
      this.fewest = fewest;
      this.most = most;
    }

    static Optional<Verb> named(String text) {
      for (Verb verb : values()) {
        if (verb.text().equals(text)) {
          return Optional.of(verb);
        }
      }
      return Optional.empty();
    }

    String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  static final String STDIN = "-";

  /** Without a verb it is {@code print}. */
  static ToolArguments parse(List<String> arguments) throws ToolException {
    Optional<Verb> named = arguments.isEmpty() ? Optional.empty() : Verb.named(arguments.get(0));
    Verb verb = named.orElse(Verb.PRINT);
    Map<String, String> options = new HashMap<>();
    List<String> files = new ArrayList<>();
    boolean optionsEnded = false;
    for (int i = named.isPresent() ? 1 : 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (optionsEnded || !argument.startsWith("--")) {
        files.add(argument);
      } else if (argument.equals("--")) {
        optionsEnded = true;
      } else {
        i +=
            option(
                verb, argument.substring(2), arguments.subList(i + 1, arguments.size()), options);
      }
    }
    if (files.size() < verb.fewest || files.size() > verb.most) {
      throw ToolException.trouble(
          "%s takes %s; see dunlin-stream --help"
              .formatted(verb.text(), expected(verb.fewest, verb.most)));
    }
    return new ToolArguments(verb, options, files);
  }

  /** Returns how many of the following arguments belong to the option. */
  private static int option(
      Verb verb, String option, List<String> following, Map<String, String> options)
      throws ToolException {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    if (verb.switches.contains(name) && equals < 0) {
      options.put(name, "");
      return 0;
    }
    if (!verb.settings.contains(name)) {
      throw ToolException.trouble(
          "%s has no option --%s; see dunlin-stream --help".formatted(verb.text(), option));
    }
    if (equals < 0 && following.isEmpty()) {
      throw ToolException.trouble("--%s needs a value".formatted(name));
    }
    options.put(name, equals < 0 ? following.get(0) : option.substring(equals + 1));
    return equals < 0 ? 1 : 0;
  }

  private static String expected(int fewest, int most) {
    if (fewest == 0) {
      return "one stream at most";
    }
    return fewest == most ? "%d files".formatted(most) : "one or two files";
  }

  boolean has(String option) {
    return options.containsKey(option);
  }

  Optional<String> value(String option) {
    return Optional.ofNullable(options.get(option));
  }

  /** The stream: the first file, or stdin. */
  String stream() {
    return files.isEmpty() ? STDIN : files.get(0);
  }
}
