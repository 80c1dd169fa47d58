package dev.dunlin.core.child;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Cuts what a program says into lines, for somebody who wants each as soon as it is complete. A
 * line longer than {@value #LONGEST} bytes comes in pieces; empty ones don't come.
 */
final class LineCutter {
  static final int LONGEST = 4096;

  private final Consumer<String> reader;
  private final byte[] line = new byte[LONGEST];
  private int length;

  LineCutter(Consumer<String> reader) {
    this.reader = reader;
  }

  /** Takes all that remains in {@code bytes}. */
  void add(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        end();
      } else {
        line[length++] = next;
        if (length == LONGEST) {
          end();
        }
      }
    }
  }

  /** Hands over what has no end yet. */
  void end() {
    String text = TailBuffer.printable(UTF_8.decode(ByteBuffer.wrap(line, 0, length)));
    length = 0;
    if (!text.isBlank()) {
      reader.accept(text);
    }
  }
}
