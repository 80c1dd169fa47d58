package dev.dunlin.core.monitor.qmp;

import dev.dunlin.core.monitor.JsonNull;
import dev.dunlin.core.monitor.qmp.JsonToken.Kind;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens to one value (qobject/json-parser.c): Map, List, String, Boolean, {@link JsonNull}, and
 * for numbers Long, BigInteger from 2^63 to 2^64-1, else Double. The caller bounds the nesting.
 */
final class JsonParser {
  private static final BigInteger UNSIGNED_LIMIT = BigInteger.ONE.shiftLeft(64);

  private final List<JsonToken> tokens;
  private int at;

  private JsonParser(List<JsonToken> tokens) {
    this.tokens = tokens;
  }

  /** Reads the value at the beginning; what follows it is ignored, as it is in QEMU. */
  static Object parse(List<JsonToken> tokens) throws JsonSyntaxException {
    return new JsonParser(tokens).value();
  }

  private Object value() throws JsonSyntaxException {
    JsonToken token = take();
    return switch (token.kind()) {
      case LEFT_BRACE -> object();
      case LEFT_BRACKET -> array();
      case STRING -> JsonText.unquote(token.text());
      case INTEGER, FLOAT -> number(token);
      case KEYWORD -> keyword(token);
      default -> throw JsonSyntaxException.parseError("expecting value");
    };
  }

  private Map<String, Object> object() throws JsonSyntaxException {
    Map<String, Object> members = new LinkedHashMap<>();
    if (takeIf(Kind.RIGHT_BRACE)) {
      return members;
    }
    readPair(members);
    while (!takeIf(Kind.RIGHT_BRACE)) {
      if (!takeIf(Kind.COMMA)) {
        throw JsonSyntaxException.parseError("expected separator in dict");
      }
      readPair(members);
    }
    return members;
  }

  private void readPair(Map<String, Object> members) throws JsonSyntaxException {
    if (!(value() instanceof String key)) {
      throw JsonSyntaxException.parseError("key is not a string in object");
    }
    if (!takeIf(Kind.COLON)) {
      throw JsonSyntaxException.parseError("missing : in object pair");
    }
    if (members.put(key, value()) != null) {
      throw JsonSyntaxException.parseError("duplicate key");
    }
  }

  private List<Object> array() throws JsonSyntaxException {
    List<Object> elements = new ArrayList<>();
    if (takeIf(Kind.RIGHT_BRACKET)) {
      return elements;
    }
    elements.add(value());
    while (!takeIf(Kind.RIGHT_BRACKET)) {
      if (!takeIf(Kind.COMMA)) {
        throw JsonSyntaxException.parseError("expected separator in list");
      }
      elements.add(value());
    }
    return elements;
  }

  private static Object keyword(JsonToken token) throws JsonSyntaxException {
    return switch (token.shown()) {
      case "true" -> true;
      case "false" -> false;
      case "null" -> JsonNull.NULL;
      default -> throw JsonSyntaxException.parseError("invalid keyword '" + token.shown() + "'");
    };
  }

  private static Object number(JsonToken token) {
    String text = new String(token.text(), StandardCharsets.ISO_8859_1);
    // 20 digits hold every 64-bit integer; a longer one would only cost time.
    if (token.is(Kind.INTEGER) && text.length() <= 20) {
      BigInteger value = new BigInteger(text);
      if (value.bitLength() <= 63) {
        return value.longValue();
      }
      if (value.signum() > 0 && value.compareTo(UNSIGNED_LIMIT) < 0) {
        return value;
      }
    }
    return Double.valueOf(text);
  }

  /** The next token; at the end one that starts no value. */
  private JsonToken take() throws JsonSyntaxException {
    if (at == tokens.size()) {
      throw JsonSyntaxException.parseError("premature EOI");
    }
    return tokens.get(at++);
  }

  private boolean takeIf(Kind kind) {
    if (at == tokens.size() || !tokens.get(at).is(kind)) {
      return false;
    }
    at++;
    return true;
  }
}
