package dev.dunlin.ram;

import java.nio.ByteBuffer;

/**
 * Whether memory is all zero. A plain loop of 8-byte reads meets the memory wall like every
 * cleverer way, and a page that isn't zero usually says so in its first word. Pass a buffer in the
 * host's byte order ({@link RamBacking#window} gives one) to spare the swap.
 */
public final class ZeroPages {
  private ZeroPages() {}

  /** Whether the 4 KiB page at {@code offset} of {@code buffer} is all zero. */
  public static boolean isZeroPage(ByteBuffer buffer, int offset) {
    return isZero(buffer, offset, RamBlock.PAGE_SIZE);
  }

  /** Whether {@code [offset, offset + length)} of {@code buffer} is all zero; moves no position. */
  public static boolean isZero(ByteBuffer buffer, int offset, int length) {
    int end = offset + length;
    int at = offset;
    for (; at <= end - 32; at += 32) {
      long four =
          buffer.getLong(at)
              | buffer.getLong(at + 8)
              | buffer.getLong(at + 16)
              | buffer.getLong(at + 24);
      if (four != 0) {
        return false;
      }
    }
    for (; at < end; at++) {
      if (buffer.get(at) != 0) {
        return false;
      }
    }
    return true;
  }
}
