package dev.dunlin.slirp.forward;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * A command line cut into words by the quoting rules of the shell, and nothing else of it: no
 * variables, no patterns. As GLib's g_shell_parse_argv, which libslirp uses for {@code cmd:}.
 */
public final class ShellWords {
  private final String line;
  private final ImmutableList.Builder<String> words = ImmutableList.builder();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private int at;

  private ShellWords(String line) {
    this.line = line;
  }

  /** The words; empty when a quote isn't closed, the last backslash quotes nothing, or none is. */
  public static Optional<ImmutableList<String>> split(String line) {
    return new ShellWords(line).read();
  }

  private Optional<ImmutableList<String>> read() {
    while (at < line.length()) {
      char next = line.charAt(at++);
      switch (next) {
        case ' ', '\t', '\n' -> endWord();
        case '\'' -> {
          if (!quotedWhole()) {
            return Optional.empty();
          }
        }
        case '"' -> {
          if (!quoted()) {
            return Optional.empty();
          }
        }
        case '\\' -> {
          if (at == line.length()) {
            return Optional.empty();
          }
          add(line.charAt(at++));
        }
        default -> add(next);
      }
    }
    endWord();
    ImmutableList<String> all = words.build();
    return all.isEmpty() ? Optional.empty() : Optional.of(all);
  }

  private void add(char next) {
    inWord = true;
    word.append(next);
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }

  private boolean quotedWhole() {
    int end = line.indexOf('\'', at);
    if (end < 0) {
      return false;
    }
    inWord = true;
    word.append(line, at, end);
    at = end + 1;
    return true;
  }

  private boolean quoted() {
    inWord = true;
    while (at < line.length()) {
      char next = line.charAt(at++);
      if (next == '"') {
        return true;
      }
      if (next == '\\' && at < line.length() && "\"\\$`\n".indexOf(line.charAt(at)) >= 0) {
        next = line.charAt(at++);
      }
      word.append(next);
    }
    return false;
  }
}
