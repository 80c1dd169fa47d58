package dev.dunlin.core.monitor.qmp;

import java.nio.charset.StandardCharsets;

/**
 * JSON strings (parse_string in qobject/json-parser.c). UTF-8 is checked strictly, but for the two
 * bytes C0 80, which QEMU takes for U+0000; noncharacters are refused.
 */
final class JsonText {
  private final byte[] raw;
  private final StringBuilder value = new StringBuilder();
  private int at = 1;

  private JsonText(byte[] quoted) {
    this.raw = quoted;
  }

  /** The value of a string token, which begins and ends with its quote. */
  static String unquote(byte[] quoted) throws JsonSyntaxException {
    JsonText text = new JsonText(quoted);
    while (text.at < quoted.length - 1) {
      text.readOne();
    }
    return text.value.toString();
  }

  /** Bytes for a message, up to a NUL; what is no UTF-8 becomes U+FFFD. */
  static String show(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private void readOne() throws JsonSyntaxException {
    int b = raw[at] & 0xff;
    if (b == '\\') {
      at++;
      readEscape();
    } else if (b < 0x80) {
      value.append((char) b);
      at++;
    } else {
      readUtf8(b);
    }
  }

  private void readEscape() throws JsonSyntaxException {
    char c = (char) (raw[at++] & 0xff);
    switch (c) {
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'n' -> value.append('\n');
      case 'r' -> value.append('\r');
      case 't' -> value.append('\t');
      case '"', '\'', '\\', '/' -> value.append(c);
      case 'u' -> readUnicode();
      default -> throw JsonSyntaxException.parseError("invalid escape sequence in string");
    }
  }

  private void readUnicode() throws JsonSyntaxException {
    int start = at;
    int codePoint = hex4(start);
    at += 4;
    if (codePoint >= 0xd800 && codePoint < 0xdc00 && byteAt(at) == '\\' && byteAt(at + 1) == 'u') {
      int low = hex4(at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        codePoint = Character.toCodePoint((char) codePoint, (char) low);
        at += 6;
      }
    }
    if (!isCharacter(codePoint)) {
      int end = Math.min(start + 4, raw.length);
      String digits = new String(raw, start, end - start, StandardCharsets.ISO_8859_1);
      throw JsonSyntaxException.parseError("\\u" + digits + " is not a valid Unicode character");
    }
    value.appendCodePoint(codePoint);
  }

  /** Four hexadecimal digits, or -1. */
  private int hex4(int from) {
    int result = 0;
    for (int i = from; i < from + 4; i++) {
      int digit = Character.digit(byteAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      result = result << 4 | digit;
    }
    return result;
  }

  /** NUL beyond the end. */
  private char byteAt(int index) {
    return index < raw.length ? (char) (raw[index] & 0xff) : 0;
  }

  private void readUtf8(int first) throws JsonSyntaxException {
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    int codePoint = first & 0x7f >> length;
    boolean valid = first >= 0xc0 && first < 0xf8;
    for (int i = 1; i < length; i++) {
      int next = byteAt(at + i);
      valid &= (next & 0xc0) == 0x80;
      codePoint = codePoint << 6 | next & 0x3f;
    }
    int smallest = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    boolean modifiedNul = length == 2 && codePoint == 0;
    if (!valid || !isCharacter(codePoint) || codePoint < smallest && !modifiedNul) {
      throw JsonSyntaxException.parseError("invalid UTF-8 sequence in string");
    }
    value.appendCodePoint(codePoint);
    at += length;
  }

  private static boolean isCharacter(int codePoint) {
    boolean surrogate = codePoint >= 0xd800 && codePoint < 0xe000;
    boolean noncharacter =
        codePoint >= 0xfdd0 && codePoint <= 0xfdef || (codePoint & 0xfffe) == 0xfffe;
    return codePoint >= 0 && codePoint <= 0x10ffff && !surrogate && !noncharacter;
  }
}
