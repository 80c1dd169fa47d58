package dev.dunlin.core.monitor.hmp;

/** A command line that can't be understood; the message is the line that the user sees. */
final class HmpSyntaxException extends Exception {
  private static final long serialVersionUID = 1;

  private final String words;

  HmpSyntaxException(String words) {
    super(words, null, false, false);
    this.words = words;
  }

  String words() {
    return words;
  }
}
