package dev.dunlin.slirp.forward;

import java.util.Optional;

/** Takes one field after the other from a rule. */
final class RuleReader {
  private String rest;

  RuleReader(String rule) {
    rest = rule;
  }

  /** The text up to the next separator, which is passed over; nothing when there is none. */
  Optional<String> upTo(char separator) {
    int at = rest.indexOf(separator);
    if (at < 0) {
      return Optional.empty();
    }
    String field = rest.substring(0, at);
    rest = rest.substring(at + 1);
    return Optional.of(field);
  }

  /** As {@link #upTo}, but an address in brackets may contain the separator. */
  Optional<String> addressUpTo(char separator) {
    int end = rest.startsWith("[") ? rest.indexOf(']') : -1;
    if (end < 0) {
      return upTo(separator);
    }
    if (end + 1 >= rest.length() || rest.charAt(end + 1) != separator) {
      return Optional.empty();
    }
    String field = rest.substring(0, end + 1);
    rest = rest.substring(end + 2);
    return Optional.of(field);
  }

  String rest() {
    return rest;
  }

  /** What is between the brackets of {@code [address]}; nothing when one of them is missing. */
  static Optional<String> inBrackets(String field) {
    return field.length() >= 2 && field.startsWith("[") && field.endsWith("]")
        ? Optional.of(field.substring(1, field.length() - 1))
        : Optional.empty();
  }
}
