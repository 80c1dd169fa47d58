package dev.dunlin.core.monitor.hmp;

/** A command line and how far it has been read. Blanks are those of isspace(3) in the C locale. */
final class HmpText {
  private final String text;
  private int at;

  HmpText(String text) {
    this.text = text;
  }

  static boolean isBlank(char c) {
    return c == ' ' || c >= '\t' && c <= '\r';
  }

  boolean atEnd() {
    return at >= text.length();
  }

  /** The next character, or NUL at the end, as C's parsers see it. */
  char peek() {
    return atEnd() ? '\0' : text.charAt(at);
  }

  boolean nextIs(char c) {
    return !atEnd() && text.charAt(at) == c;
  }

  boolean atBlankOrEnd() {
    return atEnd() || isBlank(text.charAt(at));
  }

  /** Takes the next character; at the end, takes nothing and returns NUL. */
  char take() {
    char c = peek();
    if (!atEnd()) {
      at++;
    }
    return c;
  }

  boolean takeIf(char c) {
    if (!nextIs(c)) {
      return false;
    }
    at++;
    return true;
  }

  HmpText skipBlanks() {
    while (!atEnd() && isBlank(text.charAt(at))) {
      at++;
    }
    return this;
  }

  /** What follows, up to a blank. */
  String takeWord() {
    int start = at;
    while (!atBlankOrEnd()) {
      at++;
    }
    return text.substring(start, at);
  }

  /** A command's name: it ends at a blank or at the slash of a format, as in {@code x/4xw}. */
  String takeCommandName() {
    int start = at;
    while (!atBlankOrEnd() && text.charAt(at) != '/') {
      at++;
    }
    return text.substring(start, at);
  }

  String takeRest() {
    String rest = text.substring(at);
    at = text.length();
    return rest;
  }

  int position() {
    return at;
  }

  void goTo(int position) {
    at = position;
  }

  /** What was read so far, with the blanks before it and without those after it. */
  String consumed() {
    int end = at;
    while (end > 0 && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /**
   * A string argument (get_str in monitor/hmp.c): up to a blank, or in double quotes with {@code \n
   * \r \\ \' \"}.
   *
   * @throws HmpSyntaxException with an empty message when there is none; else with QEMU's words
   */
  String takeString() throws HmpSyntaxException {
    skipBlanks();
    if (atEnd()) {
      throw new HmpSyntaxException("");
    }
    return takeIf('"') ? quoted() : takeWord();
  }

  private String quoted() throws HmpSyntaxException {
    StringBuilder value = new StringBuilder();
    while (!atEnd()) {
      char c = take();
      if (c == '"') {
        return value.toString();
      }
      value.append(c == '\\' ? escaped() : c);
    }
    throw new HmpSyntaxException("unterminated string");
  }

  private char escaped() throws HmpSyntaxException {
    char c = take();
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case '\\', '\'', '"' -> c;
      default -> throw new HmpSyntaxException("unsupported escape code: '\\" + c + "'");
    };
  }
}
