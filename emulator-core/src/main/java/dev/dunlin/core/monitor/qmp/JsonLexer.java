package dev.dunlin.core.monitor.qmp;

import dev.dunlin.core.monitor.qmp.JsonToken.Kind;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to tokens (the automaton of qobject/json-lexer.c). Strings may have single quotes. After a
 * byte that fits nowhere, everything up to the next structural or control character is passed over,
 * so that the rest of a broken word isn't complained about again. Never throws.
 */
final class JsonLexer {
  /** Receives tokens and complaints in order. */
  interface Sink {
    void token(JsonToken token);

    /** These bytes fit nowhere. */
    void stray(byte[] text);

    /** A token reached its bound. */
    void tooLarge();
  }

  private enum State {
    START,
    RECOVERY,
    STRING,
    STRING_ESCAPE,
    MINUS,
    ZERO,
    DIGITS,
    MANTISSA,
    MANTISSA_DIGITS,
    EXPONENT,
    EXPONENT_SIGN,
    EXPONENT_DIGITS,
    KEYWORD
  }

  private final Sink sink;
  private final int maxToken;
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();
  private State state = State.START;
  private int quote;

  JsonLexer(Sink sink, int maxToken) {
    this.sink = sink;
    this.maxToken = maxToken;
  }

  void reset() {
    text.reset();
    state = State.START;
  }

  void feed(byte raw) {
    int b = raw & 0xff;
    // A byte that ends a token without belonging to it is looked at a second time.
    while (!step(b)) {
      state = State.START;
    }
    if (text.size() > maxToken) {
      text.reset();
      state = State.RECOVERY;
      sink.tooLarge();
    }
  }

  /** True when the byte has been used up. */
  private boolean step(int b) {
    return switch (state) {
      case START -> start(b);
      case RECOVERY -> !endsRecovery(b);
      case STRING -> string(b);
      case STRING_ESCAPE -> isStringByte(b) ? keep(b, State.STRING) : stray(b);
      case MINUS -> b == '0' ? keep(b, State.ZERO) : isDigit(b) ? keep(b, State.DIGITS) : stray(b);
      case ZERO -> isDigit(b) ? stray(b) : b == '.' ? keep(b, State.MANTISSA) : end(Kind.INTEGER);
      case DIGITS -> digits(b);
      case MANTISSA -> isDigit(b) ? keep(b, State.MANTISSA_DIGITS) : stray(b);
      case MANTISSA_DIGITS ->
          isDigit(b)
              ? keep(b, State.MANTISSA_DIGITS)
              : isE(b) ? keep(b, State.EXPONENT) : end(Kind.FLOAT);
      case EXPONENT -> b == '+' || b == '-' ? keep(b, State.EXPONENT_SIGN) : exponentDigit(b);
      case EXPONENT_SIGN -> exponentDigit(b);
      case EXPONENT_DIGITS -> isDigit(b) ? keep(b, State.EXPONENT_DIGITS) : end(Kind.FLOAT);
      case KEYWORD -> b >= 'a' && b <= 'z' ? keep(b, State.KEYWORD) : end(Kind.KEYWORD);
    };
  }

  private boolean start(int b) {
    Kind structural = structural(b);
    if (structural != null) {
      text.write(b);
      end(structural);
      return true;
    }
    if (b == ' ' || b == '\t' || b == '\r' || b == '\n') {
      return true;
    }
    if (b == '"' || b == '\'') {
      quote = b;
      return keep(b, State.STRING);
    }
    if (isDigit(b)) {
      return keep(b, b == '0' ? State.ZERO : State.DIGITS);
    }
    if (b >= 'a' && b <= 'z') {
      return keep(b, State.KEYWORD);
    }
    return b == '-' ? keep(b, State.MINUS) : stray(b);
  }

  private boolean string(int b) {
    if (b == quote) {
      text.write(b);
      end(Kind.STRING);
      return true;
    }
    if (b == '\\') {
      return keep(b, State.STRING_ESCAPE);
    }
    return isStringByte(b) ? keep(b, State.STRING) : stray(b);
  }

  private boolean digits(int b) {
    if (isDigit(b)) {
      return keep(b, State.DIGITS);
    }
    if (b == '.') {
      return keep(b, State.MANTISSA);
    }
    return isE(b) ? keep(b, State.EXPONENT) : end(Kind.INTEGER);
  }

  private boolean exponentDigit(int b) {
    return isDigit(b) ? keep(b, State.EXPONENT_DIGITS) : stray(b);
  }

  private boolean keep(int b, State next) {
    text.write(b);
    state = next;
    return true;
  }

  /** Hands over the token before the present byte, which is still to be looked at. */
  private boolean end(Kind kind) {
    byte[] bytes = text.toByteArray();
    text.reset();
    state = State.START;
    sink.token(new JsonToken(kind, bytes));
    return false;
  }

  private boolean stray(int b) {
    text.write(b);
    byte[] bytes = text.toByteArray();
    text.reset();
    state = State.RECOVERY;
    sink.stray(bytes);
    return true;
  }

  private static @Nullable Kind structural(int b) {
    return switch (b) {
      case '{' -> Kind.LEFT_BRACE;
      case '}' -> Kind.RIGHT_BRACE;
      case '[' -> Kind.LEFT_BRACKET;
      case ']' -> Kind.RIGHT_BRACKET;
      case ':' -> Kind.COLON;
      case ',' -> Kind.COMMA;
      default -> null;
    };
  }

  private static boolean endsRecovery(int b) {
    return structural(b) != null || !isStringByte(b);
  }

  /** Anything but control characters and the two bytes that UTF-8 never has. */
  private static boolean isStringByte(int b) {
    return b >= 0x20 && b < 0xfe;
  }

  private static boolean isDigit(int b) {
    return b >= '0' && b <= '9';
  }

  private static boolean isE(int b) {
    return b == 'e' || b == 'E';
  }
}
