package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/** A line as words, quotes understood (parse_cmdline in monitor/hmp.c). */
public final class Words {
  private static final int MAX_WORDS = 16;

  private Words() {}

  /**
   * The words; after a blank a last empty one, the word about to be typed. Nothing when a quote is
   * open or there are too many.
   */
  static Optional<ImmutableList<String>> split(String line) {
    boolean wordBegins = line.isEmpty() || HmpText.isBlank(line.charAt(line.length() - 1));
    return read(line)
        .map(
            words ->
                wordBegins ? ImmutableList.<String>builder().addAll(words).add("").build() : words);
  }

  /** The words; nothing when a quote is open or there are too many. */
  public static Optional<ImmutableList<String>> read(String line) {
    ImmutableList.Builder<String> words = ImmutableList.builder();
    HmpText text = new HmpText(line);
    for (int count = 0; !text.skipBlanks().atEnd(); count++) {
      try {
        words.add(text.takeString());
      } catch (HmpSyntaxException brokenQuote) {
        return Optional.empty();
      }
      if (count == MAX_WORDS) {
        return Optional.empty();
      }
    }
    return Optional.of(words.build());
  }
}
