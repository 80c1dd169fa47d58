package dev.dunlin.core.monitor.hmp;

/**
 * The format and size that {@code x}, {@code xp} and {@code print} take when none is given: the
 * last ones that were. One for all sessions, as in QEMU.
 */
final class FormatDefaults {
  private char format = 'x';
  private int size = 4;

  /**
   * {@code /COUNT FORMAT SIZE}, each part optional.
   *
   * @param size bytes; -1 for format {@code i} without a size
   */
  record Format(int count, char format, int size) {}

  /** Reads the format if one stands there, and remembers it. */
  Format read(HmpText text) throws HmpSyntaxException {
    text.skipBlanks();
    if (!text.takeIf('/')) {
      return new Format(1, format, format == 'i' ? -1 : size);
    }
    int count = count(text);
    char wantedFormat = '\0';
    int wantedSize = -1;
    while (true) {
      char c = text.peek();
      if ("oduxic".indexOf(c) >= 0) {
        wantedFormat = c;
      } else if (sizeOf(c) > 0) {
        wantedSize = sizeOf(c);
      } else {
        break;
      }
      text.take();
    }
    if (!text.atBlankOrEnd()) {
      throw new HmpSyntaxException("invalid char in format: '" + text.peek() + "'");
    }
    return remember(count, wantedFormat, wantedSize);
  }

  private Format remember(int count, char wantedFormat, int wantedSize) {
    if (wantedFormat != '\0') {
      format = wantedFormat;
    }
    if (format == 'i') {
      return new Format(count, format, wantedSize);
    }
    if (wantedSize > 0) {
      size = wantedSize;
    }
    return new Format(count, format, size);
  }

  private static int count(HmpText text) {
    if (Character.digit(text.peek(), 10) < 0) {
      return 1;
    }
    long count = 0;
    while (Character.digit(text.peek(), 10) >= 0) {
      count = Math.min(Integer.MAX_VALUE, count * 10 + Character.digit(text.take(), 10));
    }
    return (int) count;
  }

  private static int sizeOf(char c) {
    return switch (c) {
      case 'b' -> 1;
      case 'h' -> 2;
      case 'w' -> 4;
      case 'g', 'L' -> 8;
      default -> 0;
    };
  }
}
