package dev.dunlin.core.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Sizes as QEMU reads them (qemu_strtosz in util/cutils.c): decimal digits, a fraction if a scale
 * follows, one of B K M G T P E in either case; or hexadecimal. No octal, no exponent, no sign.
 */
public final class Sizes {
  private static final String SUFFIXES = "BKMGTPE";
  private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

  private Sizes() {}

  /** The size in bytes when no suffix means bytes. */
  public static NumberText parse(String text) {
    return parse(text, 'B');
  }

  /** The size in bytes; {@code defaultSuffix} is the unit of a number without one. */
  public static NumberText parse(String text, char defaultSuffix) {
    Numbers.Prefix hex = Numbers.prefix(text, 16);
    boolean isHex = text.stripLeading().regionMatches(true, signLength(text), "0x", 0, 2);
    Numbers.Prefix whole = isHex ? hex : Numbers.prefix(text, 10);
    if (whole.end() == 0 || whole.negative()) {
      return new NumberText.Malformed();
    }
    if (!(whole.number() instanceof NumberText.Value value)) {
      return whole.number();
    }
    int at = whole.end();
    BigDecimal number = new BigDecimal(unsigned(value.bits()));
    if (!isHex && at < text.length() && text.charAt(at) == '.') {
      int end = endOfDigits(text, at + 1);
      if (end > at + 1) {
        number = number.add(new BigDecimal("0" + text.substring(at, end)));
      }
      at = end;
    }
    return scale(number, text.substring(at), defaultSuffix);
  }

  /**
   * The value of a size suboption, with QEMU's words and its hint when it isn't one; {@code
   * defaultSuffix} as in {@link #parse(String, char)}.
   */
  public static long parameter(String name, String text, char defaultSuffix)
      throws OptionException {
    NumberText number = parse(text, defaultSuffix);
    if (number instanceof NumberText.Value value) {
      return value.bits();
    }
    throw new OptionException(
        number instanceof NumberText.OutOfRange
            ? Numbers.outOfRange(name, text)
            : "Parameter '"
                + name
                + "' expects a non-negative number below 2^64\n"
                + "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-\n"
                + "and exabytes, respectively.");
  }

  private static NumberText scale(BigDecimal number, String suffix, char defaultSuffix) {
    String unit = suffix.isEmpty() ? String.valueOf(defaultSuffix) : suffix;
    int power = unit.length() == 1 ? SUFFIXES.indexOf(Character.toUpperCase(unit.charAt(0))) : -1;
    boolean fractionOfAByte = power == 0 && number.stripTrailingZeros().scale() > 0;
    if (power < 0 || fractionOfAByte) {
      return new NumberText.Malformed();
    }
    BigInteger bytes =
        number
            .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(10 * power)))
            .setScale(0, RoundingMode.HALF_UP)
            .toBigInteger();
    return bytes.compareTo(LIMIT) < 0
        ? new NumberText.Value(bytes.longValue())
        : new NumberText.OutOfRange();
  }

  private static int signLength(String text) {
    return text.stripLeading().startsWith("+") ? 1 : 0;
  }

  private static int endOfDigits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static BigInteger unsigned(long bits) {
    return new BigInteger(Long.toUnsignedString(bits));
  }
}
