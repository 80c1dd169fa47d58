package dev.dunlin.core.monitor.qmp;

/** One token as it stood in the input; strings with their quotes. */
record JsonToken(Kind kind, byte[] text) {

  enum Kind {
    LEFT_BRACE,
    RIGHT_BRACE,
    LEFT_BRACKET,
    RIGHT_BRACKET,
    COLON,
    COMMA,
    STRING,
    INTEGER,
    FLOAT,
    KEYWORD
  }

  boolean is(Kind wanted) {
    return kind == wanted;
  }

  /** The text as messages show it. */
  String shown() {
    return JsonText.show(text);
  }
}
