package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last lines typed, each once, the newest last (util/readline.c). At the bound the oldest goes.
 */
final class LineHistory {
  static final int MAX_LINES = 64;

  private final List<String> lines = new ArrayList<>();

  /** Where up and down have gone; {@code lines.size()} is the line being typed. */
  private int cursor;

  void add(String line) {
    if (!line.isEmpty()) {
      lines.remove(line);
      lines.add(line);
      if (lines.size() > MAX_LINES) {
        lines.remove(0);
      }
    }
    cursor = lines.size();
  }

  /** The line before, if there is one. */
  Optional<String> up() {
    if (cursor == 0) {
      return Optional.empty();
    }
    return Optional.of(lines.get(--cursor));
  }

  /** The line after; past the newest an empty one. Nothing when no line was fetched. */
  Optional<String> down() {
    if (cursor == lines.size()) {
      return Optional.empty();
    }
    return Optional.of(++cursor == lines.size() ? "" : lines.get(cursor));
  }

  ImmutableList<String> lines() {
    return ImmutableList.copyOf(lines);
  }
}
