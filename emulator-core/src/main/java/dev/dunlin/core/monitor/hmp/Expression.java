package dev.dunlin.core.monitor.hmp;

/**
 * Integer expressions of the human monitor (get_expr in monitor/hmp.c): 64 bits, signed, wrapping.
 * Sums bind loosest, then the bitwise operators, then products: {@code 2+1&3} is 2 + (1 & 3).
 * Numbers are strtoull(3)'s with base 0.
 */
final class Expression {
  /** The line has a bound, the loop thread's stack has one too. */
  private static final int MAX_DEPTH = 200;

  private final HmpText text;
  private int depth;

  private Expression(HmpText text) {
    this.text = text;
  }

  /** Reads one expression and the blanks around it. */
  static long read(HmpText text) throws HmpSyntaxException {
    text.skipBlanks();
    return new Expression(text).sum();
  }

  private long sum() throws HmpSyntaxException {
    long value = logic();
    while (true) {
      if (takeOperator('+')) {
        value += logic();
      } else if (takeOperator('-')) {
        value -= logic();
      } else {
        return value;
      }
    }
  }

  private long logic() throws HmpSyntaxException {
    long value = product();
    while (true) {
      if (takeOperator('&')) {
        value &= product();
      } else if (takeOperator('|')) {
        value |= product();
      } else if (takeOperator('^')) {
        value ^= product();
      } else {
        return value;
      }
    }
  }

  private long product() throws HmpSyntaxException {
    long value = unary();
    while (true) {
      if (takeOperator('*')) {
        value *= unary();
      } else if (takeOperator('/')) {
        value /= divisor();
      } else if (takeOperator('%')) {
        value %= divisor();
      } else {
        return value;
      }
    }
  }

  private long divisor() throws HmpSyntaxException {
    long value = unary();
    if (value == 0) {
      throw new HmpSyntaxException("division by zero");
    }
    return value;
  }

  private long unary() throws HmpSyntaxException {
    if (++depth > MAX_DEPTH) {
      throw new HmpSyntaxException("expression nested too deeply");
    }
    try {
      return term();
    } finally {
      depth--;
    }
  }

  private long term() throws HmpSyntaxException {
    if (text.atEnd()) {
      throw new HmpSyntaxException("unexpected end of expression");
    }
    char c = text.peek();
    switch (c) {
      case '+':
        takeOperator(c);
        return unary();
      case '-':
        takeOperator(c);
        return -unary();
      case '~':
        takeOperator(c);
        return ~unary();
      case '(':
        takeOperator(c);
        return closed(sum());
      case '\'':
        return character();
      case '$':
        // There is no CPU here whose registers could have a name.
        throw new HmpSyntaxException("unknown register");
      default:
        return number();
    }
  }

  private long closed(long value) throws HmpSyntaxException {
    if (!takeOperator(')')) {
      throw new HmpSyntaxException("')' expected");
    }
    return value;
  }

  private long character() throws HmpSyntaxException {
    text.take();
    if (text.atEnd()) {
      throw new HmpSyntaxException("character constant expected");
    }
    char value = text.take();
    if (!takeOperator('\'')) {
      throw new HmpSyntaxException("missing terminating ' character");
    }
    return value;
  }

  private long number() throws HmpSyntaxException {
    int base = base();
    long value = 0;
    boolean tooLarge = false;
    int digits = 0;
    for (int d = digit(base); d >= 0; d = digit(base)) {
      tooLarge |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - d, base)) > 0;
      value = value * base + d;
      text.take();
      digits++;
    }
    if (tooLarge) {
      throw new HmpSyntaxException("number too large");
    }
    if (digits == 0) {
      throw new HmpSyntaxException("invalid char '" + text.peek() + "' in expression");
    }
    text.skipBlanks();
    return value;
  }

  /** Takes {@code 0x} when a digit follows it; a leading 0 stays, it is a digit in any base. */
  private int base() {
    if (!text.nextIs('0')) {
      return 10;
    }
    int start = text.position();
    text.take();
    char x = text.take();
    if ((x == 'x' || x == 'X') && digit(16) >= 0) {
      return 16;
    }
    text.goTo(start);
    return 8;
  }

  private int digit(int base) {
    char c = text.peek();
    return c < 128 ? Character.digit(c, base) : -1;
  }

  private boolean takeOperator(char c) {
    if (!text.takeIf(c)) {
      return false;
    }
    text.skipBlanks();
    return true;
  }
}
