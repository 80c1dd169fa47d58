package dev.dunlin.core.monitor.qmp;

import java.util.ArrayList;
import java.util.List;

/**
 * A stream of values (qobject/json-streamer.c): one is complete when its brackets are closed, or
 * when they can't be any more. Never throws; loop thread.
 *
 * <p>Bounds as QEMU has them, smaller: {@value #MAX_BYTES} bytes and {@value #MAX_TOKENS} tokens in
 * one value, {@value #MAX_NESTING} open brackets. At a bound the value is forgotten and the client
 * told.
 */
final class JsonStream implements JsonLexer.Sink {
  static final int MAX_BYTES = 8 << 20;
  static final int MAX_TOKENS = 1 << 17;
  static final int MAX_NESTING = 1024;

  /** Receives values and complaints in order. */
  interface Sink {
    void value(Object value);

    void error(String words);
  }

  private final Sink sink;
  private final JsonLexer lexer = new JsonLexer(this, MAX_BYTES);
  private final List<JsonToken> tokens = new ArrayList<>();
  private int braces;
  private int brackets;
  private long bytes;

  JsonStream(Sink sink) {
    this.sink = sink;
  }

  void feed(byte b) {
    lexer.feed(b);
  }

  /** Forgets a half-read value. */
  void reset() {
    lexer.reset();
    forget();
  }

  @Override
  public void token(JsonToken token) {
    switch (token.kind()) {
      case LEFT_BRACE -> braces++;
      case RIGHT_BRACE -> braces--;
      case LEFT_BRACKET -> brackets++;
      case RIGHT_BRACKET -> brackets--;
      default -> {}
    }
    bytes += token.text().length;
    if (bytes >= MAX_BYTES) {
      fail("JSON token size limit exceeded");
    } else if (tokens.size() >= MAX_TOKENS) {
      fail("JSON token count limit exceeded");
    } else if (braces + brackets > MAX_NESTING) {
      fail("JSON nesting depth limit exceeded");
    } else {
      tokens.add(token);
      if (!isOpen()) {
        complete();
      }
    }
  }

  @Override
  public void stray(byte[] text) {
    fail("JSON parse error, stray '" + JsonText.show(text) + "'");
  }

  @Override
  public void tooLarge() {
    fail("JSON token size limit exceeded");
  }

  private boolean isOpen() {
    return (braces > 0 || brackets > 0) && braces >= 0 && brackets >= 0;
  }

  private void complete() {
    List<JsonToken> value = new ArrayList<>(tokens);
    forget();
    Object parsed;
    try {
      parsed = JsonParser.parse(value);
    } catch (JsonSyntaxException e) {
      sink.error(e.words());
      return;
    }
    sink.value(parsed);
  }

  private void fail(String words) {
    forget();
    sink.error(words);
  }

  private void forget() {
    tokens.clear();
    braces = 0;
    brackets = 0;
    bytes = 0;
  }
}
