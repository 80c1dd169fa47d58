package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.TreeSet;

/**
 * What a half-typed word may become.
 *
 * @param typed length of the word so far
 * @param candidates sorted, each beginning with that word; at most {@link #MAX_CANDIDATES}
 */
record Completion(int typed, ImmutableList<String> candidates) {
  static final int MAX_CANDIDATES = 256;
  static final Completion NONE = new Completion(0, ImmutableList.of());

  private static final int TERMINAL_WIDTH = 80;
  private static final int MIN_COLUMN = 10;

  static Completion of(String word, Collection<String> names) {
    ImmutableList<String> candidates =
        names.stream()
            .filter(name -> name.startsWith(word))
            .limit(MAX_CANDIDATES)
            .collect(ImmutableList.toImmutableList());
    return new Completion(word.length(), ImmutableList.copyOf(new TreeSet<>(candidates)));
  }

  /** What every candidate adds to the word. */
  String commonRest() {
    String common = candidates.get(0);
    for (String candidate : candidates) {
      int same = 0;
      int limit = Math.min(common.length(), candidate.length());
      while (same < limit && common.charAt(same) == candidate.charAt(same)) {
        same++;
      }
      common = common.substring(0, same);
    }
    return common.length() > typed ? common.substring(typed) : "";
  }

  /** The candidates in columns, rows from left to right, as readline_completion prints them. */
  String table() {
    int longest = candidates.stream().mapToInt(String::length).max().orElse(0);
    int width = Math.min(Math.max(longest + 2, MIN_COLUMN), TERMINAL_WIDTH);
    int columns = TERMINAL_WIDTH / width;
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < candidates.size(); i++) {
      String candidate = candidates.get(i);
      table.append(candidate).append(" ".repeat(Math.max(0, width - candidate.length())));
      if ((i + 1) % columns == 0 || i + 1 == candidates.size()) {
        table.append('\n');
      }
    }
    return table.toString();
  }
}
