package dev.dunlin.launcher;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Text in UTF-8 for a terminal, with names in it that strangers chose: their control characters, C0
 * and C1, are spelt out as Java and JSON do it, so that they can't steer the terminal. Lines and
 * tabs stay. One thread.
 */
public final class VisibleOutput extends FilterOutputStream {
  /** The first byte of U+0080 to U+00BF, of which the first 32 are control characters. */
  private static final int LATIN = 0xc2;

  private static final int DELETE = 0x7f;

  private boolean afterLatin;

  public VisibleOutput(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int value) throws IOException {
    int each = value & 0xff;
    if (afterLatin) {
      afterLatin = false;
      if (each >= 0x80 && each < 0xa0) {
        spell(each);
        return;
      }
      out.write(LATIN);
    }
    if (each == LATIN) {
      afterLatin = true;
    } else if (each == DELETE || each < ' ' && each != '\n' && each != '\t') {
      spell(each);
    } else {
      out.write(each);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      write(bytes[i]);
    }
  }

  private void spell(int character) throws IOException {
    out.write("\\u%04x".formatted(character).getBytes(StandardCharsets.US_ASCII));
  }
}
