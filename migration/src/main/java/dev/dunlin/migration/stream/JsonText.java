package dev.dunlin.migration.stream;

/**
 * JSON spelled as QEMU's writer spells it on one line: a blank after each comma and colon, and
 * nothing else (QEMU qobject/json-writer.c). The caller nests correctly. One thread.
 */
public final class JsonText {
  private final StringBuilder text = new StringBuilder();
  private boolean first = true;

  public JsonText beginObject() {
    return open('{');
  }

  public JsonText endObject() {
    return close('}');
  }

  public JsonText beginArray() {
    return open('[');
  }

  public JsonText endArray() {
    return close(']');
  }

  /** The name of a member; its value follows. */
  public JsonText name(String name) {
    separate();
    quote(name);
    text.append(": ");
    first = true;
    return this;
  }

  public JsonText value(String value) {
    separate();
    quote(value);
    return this;
  }

  public JsonText value(long value) {
    separate();
    text.append(value);
    return this;
  }

  public JsonText value(boolean value) {
    separate();
    text.append(value);
    return this;
  }

  /** A value that is JSON already. */
  public JsonText raw(String json) {
    separate();
    text.append(json);
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private JsonText open(char bracket) {
    separate();
    text.append(bracket);
    first = true;
    return this;
  }

  private JsonText close(char bracket) {
    text.append(bracket);
    first = false;
    return this;
  }

  private void separate() {
    if (!first) {
      text.append(", ");
    }
    first = false;
  }

  private void quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
