package dev.dunlin.core.cli;

import dev.dunlin.core.cli.KeyValueList.Entry;
import java.util.Optional;

/** Takes one {@code key=value} after the other from a text. */
final class KeyValueReader {
  private final String text;
  private int at;

  KeyValueReader(String text) {
    this.text = text;
  }

  boolean hasMore() {
    return at < text.length();
  }

  Entry next(Optional<String> impliedKey) {
    int end = endOfName();
    boolean hasValue = end < text.length() && text.charAt(end) == '=';
    if (hasValue) {
      String key = text.substring(at, end);
      at = end + 1;
      return new Entry(key, value(), false);
    }
    if (impliedKey.isPresent()) {
      return new Entry(impliedKey.get(), value(), false);
    }
    String name = text.substring(at, end);
    at = Math.min(end + 1, text.length());
    return name.startsWith("no")
        ? new Entry(name.substring(2), "off", true)
        : new Entry(name, "on", true);
  }

  private int endOfName() {
    int end = at;
    while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
      end++;
    }
    return end;
  }

  /** Up to the next single comma, which is passed over. */
  private String value() {
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == ',') {
        boolean doubled = at < text.length() && text.charAt(at) == ',';
        if (!doubled) {
          break;
        }
        at++;
      }
      value.append(c);
    }
    return value.toString();
  }
}
