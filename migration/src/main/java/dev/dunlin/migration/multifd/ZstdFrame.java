package dev.dunlin.migration.multifd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The head of a zstd frame, as far as it says how much memory reading it takes (RFC 8878, 3.1.1).
 */
final class ZstdFrame {
  /** 32 MiB: level 20's, the most that {@code multifd-zstd-level} takes. zstd itself allows 128. */
  private static final int MOST_WINDOW_LOG = 25;

  private static final int MAGIC = 0xfd2fb528;
  private static final int DESCRIPTOR = 4;
  private static final int WINDOW = 5;
  private static final int SINGLE_SEGMENT = 0x20;

  private ZstdFrame() {}

  /**
   * False for a window that is too large, and where there isn't enough to know. What isn't a
   * frame's head at all is left to zstd to refuse. A frame in a single segment has no window but a
   * size, which no sender of a stream knows.
   */
  static boolean isWithin(ByteBuffer start) {
    ByteBuffer bytes = start.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int at = bytes.position();
    if (bytes.remaining() <= WINDOW) {
      return false;
    }
    if (bytes.getInt(at) != MAGIC) {
      return true;
    }
    if ((bytes.get(at + DESCRIPTOR) & SINGLE_SEGMENT) != 0) {
      return false;
    }
    int window = bytes.get(at + WINDOW) & 0xff;
    int log = 10 + (window >>> 3);
    return log < MOST_WINDOW_LOG || (log == MOST_WINDOW_LOG && (window & 7) == 0);
  }
}
