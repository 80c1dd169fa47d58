package dev.dunlin.core.cli;

import java.math.BigInteger;
import java.util.OptionalLong;

/**
 * Numbers as QEMU reads them: strtoull(3) with base 0, so {@code 0x50} is hexadecimal and {@code
 * 010} octal, blanks may lead, and a minus sign wraps round.
 */
public final class Numbers {
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

  private Numbers() {}

  /** The whole text as a number in any base. */
  public static NumberText parse(String text) {
    Prefix prefix = prefix(text, 0);
    return prefix.end() == text.length() ? prefix.number() : new NumberText.Malformed();
  }

  /** The value of a numeric suboption, with QEMU's words (util/qemu-option.c) when it has none. */
  public static long parameter(String name, String text) throws OptionException {
    NumberText number = parse(text);
    if (number instanceof NumberText.Value value) {
      return value.bits();
    }
    throw new OptionException(
        number instanceof NumberText.OutOfRange
            ? outOfRange(name, text)
            : "Parameter '" + name + "' expects a number");
  }

  /** The whole text as a number of any base within a range, or nothing. */
  public static OptionalLong within(String text, long from, long to) {
    return parse(text) instanceof NumberText.Value value
            && value.bits() >= from
            && value.bits() <= to
        ? OptionalLong.of(value.bits())
        : OptionalLong.empty();
  }

  static String outOfRange(String name, String text) {
    return "Value '" + text + "' is out of range for parameter '" + name + "'";
  }

  /** The longest number at the start of a text, and where it ends (0: there is none). */
  record Prefix(NumberText number, int end, boolean negative) {}

  /** strtoull(3): base 0 finds the base from the text. */
  static Prefix prefix(String text, int base) {
    int at = 0;
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    boolean negative = at < text.length() && text.charAt(at) == '-';
    if (at < text.length() && (negative || text.charAt(at) == '+')) {
      at++;
    }
    int radix = base;
    if ((base == 0 || base == 16) && isHexPrefix(text, at)) {
      radix = 16;
      at += 2;
    } else if (base == 0) {
      radix = at < text.length() && text.charAt(at) == '0' ? 8 : 10;
    }
    int end = at;
    while (end < text.length() && digit(text.charAt(end), radix) >= 0) {
      end++;
    }
    if (end == at) {
      return new Prefix(new NumberText.Malformed(), 0, negative);
    }
    BigInteger magnitude = new BigInteger(text.substring(at, end), radix);
    if (magnitude.compareTo(LIMIT) >= 0) {
      return new Prefix(new NumberText.OutOfRange(), end, negative);
    }
    long bits = magnitude.longValue();
    return new Prefix(new NumberText.Value(negative ? -bits : bits), end, negative);
  }

  private static boolean isHexPrefix(String text, int at) {
    return at + 2 < text.length()
        && text.charAt(at) == '0'
        && (text.charAt(at + 1) | 0x20) == 'x'
        && digit(text.charAt(at + 2), 16) >= 0;
  }

  /** Only ASCII digits count: Character.digit would take those of other scripts too. */
  private static int digit(char c, int radix) {
    return c < 0x80 ? Character.digit(c, radix) : -1;
  }

  /** isspace(3) of the C locale. */
  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
