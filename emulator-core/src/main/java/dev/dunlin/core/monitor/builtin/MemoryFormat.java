package dev.dunlin.core.monitor.builtin;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * How {@code xp} and {@code print} write values (memory_dump in monitor/misc.c). Guests are
 * little-endian.
 *
 * @param format one of o d u x c
 * @param size bytes of one value
 */
record MemoryFormat(char format, int size) {

  /** {@code c} shows bytes, whatever the size. */
  private int step() {
    return format == 'c' ? 1 : size;
  }

  int bytesPerLine() {
    return size == 1 ? 8 : 16;
  }

  /** The values of one line, a blank before each. */
  String line(ByteBuffer bytes) {
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder line = new StringBuilder();
    while (bytes.remaining() >= step()) {
      line.append(' ').append(padded(take(bytes)));
    }
    return line.toString();
  }

  private long take(ByteBuffer bytes) {
    return switch (step()) {
      case 1 -> bytes.get() & 0xffL;
      case 2 -> bytes.getShort() & 0xffffL;
      case 4 -> bytes.getInt() & 0xffffffffL;
      default -> bytes.getLong();
    };
  }

  private String padded(long value) {
    int bits = size * 8;
    return switch (format) {
      case 'o' -> right(octal(value), (bits + 2) / 3);
      case 'u' -> right(Long.toUnsignedString(value), (bits * 10 + 32) / 33);
      case 'd' -> right(Long.toString(value), (bits * 10 + 32) / 33);
      case 'c' -> character(value);
      default -> String.format(Locale.ROOT, "0x%0" + bits / 4 + "x", value);
    };
  }

  /** One value by itself, as {@code print} shows it. */
  static String single(char format, long value) {
    return switch (format) {
      case 'o' -> octal(value);
      case 'x' -> value == 0 ? "0" : "0x" + Long.toHexString(value);
      case 'u' -> Long.toUnsignedString(value);
      case 'c' -> character(value);
      default -> Long.toString(value);
    };
  }

  private static String octal(long value) {
    return value == 0 ? "0" : "0" + Long.toOctalString(value);
  }

  private static String character(long value) {
    int c = (int) value & 0xff;
    return switch (c) {
      case '\'' -> "'\\''";
      case '\\' -> "'\\\\'";
      case '\n' -> "'\\n'";
      case '\r' -> "'\\r'";
      default ->
          c >= 32 && c <= 126 ? "'" + (char) c + "'" : String.format(Locale.ROOT, "'\\x%02x'", c);
    };
  }

  private static String right(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }
}
