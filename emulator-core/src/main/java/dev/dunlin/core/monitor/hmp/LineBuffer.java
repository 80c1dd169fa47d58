package dev.dunlin.core.monitor.hmp;

import java.util.Arrays;

/** Characters (code points) and a cursor between them. */
final class LineBuffer {
  private int[] text = new int[64];
  private int length;
  private int cursor;

  int length() {
    return length;
  }

  int cursor() {
    return cursor;
  }

  void clear() {
    length = 0;
    cursor = 0;
  }

  /** Another text, the cursor behind it. */
  void set(String newText) {
    text = Arrays.copyOf(newText.codePoints().toArray(), Math.max(64, newText.length()));
    length = newText.codePointCount(0, newText.length());
    cursor = length;
  }

  /** Moves as far as the line goes. */
  void moveTo(int position) {
    cursor = Math.max(0, Math.min(length, position));
  }

  void insert(int codePoint) {
    if (length == text.length) {
      text = Arrays.copyOf(text, 2 * length);
    }
    System.arraycopy(text, cursor, text, cursor + 1, length - cursor);
    text[cursor++] = codePoint;
    length++;
  }

  /** Removes what lies between, within the line; a cursor behind it moves along. */
  void remove(int from, int to) {
    int start = Math.max(0, from);
    int end = Math.min(length, to);
    if (start >= end) {
      return;
    }
    System.arraycopy(text, end, text, start, length - end);
    length -= end - start;
    cursor = cursor >= end ? cursor - (end - start) : Math.min(cursor, start);
  }

  /** Where the word before the cursor begins; blanks behind it belong to it. */
  int wordStart() {
    int start = cursor;
    while (start > 0 && isBlank(start - 1)) {
      start--;
    }
    while (start > 0 && !isBlank(start - 1)) {
      start--;
    }
    return start;
  }

  String beforeCursor() {
    return new String(text, 0, cursor);
  }

  boolean sameText(LineBuffer other) {
    return Arrays.equals(text, 0, length, other.text, 0, other.length);
  }

  @Override
  public String toString() {
    return new String(text, 0, length);
  }

  private boolean isBlank(int index) {
    return text[index] < 0x80 && HmpText.isBlank((char) text[index]);
  }
}
