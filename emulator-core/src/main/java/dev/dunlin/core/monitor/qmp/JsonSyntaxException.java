package dev.dunlin.core.monitor.qmp;

/** Input that is no JSON; the message is what the client is told. */
final class JsonSyntaxException extends Exception {
  private static final long serialVersionUID = 1;

  private final String words;

  JsonSyntaxException(String words) {
    super(words, null, false, false);
    this.words = words;
  }

  static JsonSyntaxException parseError(String what) {
    return new JsonSyntaxException("JSON parse error, " + what);
  }

  String words() {
    return words;
  }
}
