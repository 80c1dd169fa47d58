package dev.dunlin.core.child;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The last {@value #BYTES} bytes of a stream, shown as its last {@value #LINES} lines without
 * control characters: text from a program goes into messages on somebody's terminal.
 */
final class TailBuffer {
  static final int BYTES = 4096;
  static final int LINES = 8;

  private static final CharMatcher UNPRINTABLE =
      CharMatcher.javaIsoControl().and(CharMatcher.isNot('\t'));

  private final byte[] ring = new byte[BYTES];
  private long written;

  /** Takes all that remains in {@code bytes}. */
  void add(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      int at = (int) (written % BYTES);
      int count = Math.min(bytes.remaining(), BYTES - at);
      bytes.get(ring, at, count);
      written += count;
    }
  }

  /** The last lines that aren't empty, joined by newlines; empty when there was nothing. */
  String lines() {
    List<String> lines =
        Splitter.on('\n')
            .trimResults(CharMatcher.whitespace())
            .omitEmptyStrings()
            .splitToStream(UTF_8.decode(ByteBuffer.wrap(inOrder())))
            .map(TailBuffer::printable)
            .filter(line -> !line.isEmpty())
            .toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
  }

  /** Without what could steer the terminal that it is shown on. */
  static String printable(CharSequence text) {
    return UNPRINTABLE.removeFrom(text);
  }

  private byte[] inOrder() {
    int size = (int) Math.min(written, BYTES);
    byte[] all = new byte[size];
    long first = written - size;
    for (int i = 0; i < size; i++) {
      all[i] = ring[(int) ((first + i) % BYTES)];
    }
    return all;
  }
}
