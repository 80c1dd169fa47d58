package dev.dunlin.core.monitor.qmp;

import dev.dunlin.core.monitor.JsonNull;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Writes values as QEMU writes them (qobject/qjson.c): ASCII only, a blank after each comma and
 * colon, members in {@link MemberOrder}; pretty with four blanks a level. Takes what {@link
 * JsonParser} gives and what commands answer: also arrays, any integer type, enums by their name,
 * and Optional, whose emptiness leaves the member out.
 */
final class JsonWriter {
  /** Enough digits for a double to be read back as the same (printf's %.17g). */
  private static final MathContext SEVENTEEN = new MathContext(17, RoundingMode.HALF_EVEN);

  private final StringBuilder out = new StringBuilder();
  private final boolean pretty;

  private JsonWriter(boolean pretty) {
    this.pretty = pretty;
  }

  static String write(Object value, boolean pretty) {
    JsonWriter writer = new JsonWriter(pretty);
    writer.value(value, 0);
    return writer.out.toString();
  }

  private void value(Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      object(map, depth);
    } else if (value instanceof Iterable<?> elements) {
      array(elements, depth);
    } else if (value instanceof Double || value instanceof Float) {
      out.append(number(((Number) value).doubleValue()));
    } else if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else if (value == JsonNull.NULL) {
      out.append("null");
    } else if (value instanceof Optional<?> optional) {
      value(optional.isPresent() ? optional.get() : JsonNull.NULL, depth);
    } else {
      string(value.toString());
    }
  }

  @SuppressWarnings("unchecked")
  private void object(Map<?, ?> map, int depth) {
    out.append('{');
    boolean first = true;
    for (Map.Entry<String, Object> member : MemberOrder.of((Map<String, Object>) map)) {
      if (member.getValue() instanceof Optional<?> optional && optional.isEmpty()) {
        continue;
      }
      separate(first, depth + 1);
      first = false;
      string(member.getKey());
      out.append(": ");
      value(member.getValue(), depth + 1);
    }
    newLine(depth);
    out.append('}');
  }

  private void array(Iterable<?> elements, int depth) {
    out.append('[');
    boolean first = true;
    for (Object element : elements) {
      separate(first, depth + 1);
      first = false;
      value(element, depth + 1);
    }
    newLine(depth);
    out.append(']');
  }

  private void separate(boolean first, int depth) {
    if (!first) {
      out.append(pretty ? "," : ", ");
    }
    newLine(depth);
  }

  private void newLine(int depth) {
    if (pretty) {
      out.append('\n').append("    ".repeat(depth));
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      character(text.charAt(i));
    }
    out.append('"');
  }

  private void character(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (c >= 0x20 && c < 0x7f) {
          out.append(c);
        } else {
          out.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
        }
      }
    }
  }

  /** As %.17g, without trailing zeros; JSON has no infinity, so that becomes null. */
  private static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "null";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(SEVENTEEN).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < 17) {
      return rounded.toPlainString();
    }
    String digits = rounded.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return String.format(Locale.ROOT, "%s%se%+03d", value < 0 ? "-" : "", mantissa, exponent);
  }
}
