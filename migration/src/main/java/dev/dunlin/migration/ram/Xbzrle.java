package dev.dunlin.migration.ram;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A page as its difference to an earlier one: XOR based zero run length encoding (QEMU
 * migration/xbzrle.c, docs/xbzrle.txt). Pairs of a run that is the same as before, of which only
 * the length is kept, and a run that differs, kept as length and new bytes; lengths are LEB128 of
 * one or two bytes. Both runs but the first are at least one byte long.
 */
public final class Xbzrle {
  private static final int MORE = 0x80;
  private static final int LOW_BITS = 0x7f;
  private static final int LONGEST_LENGTH = 2;

  private Xbzrle() {}

  /**
   * Changes {@code page}, which has the earlier content, to the new one. False when {@code encoded}
   * is no valid difference; the page is then in an unknown state. Moves {@code encoded}'s position.
   */
  public static boolean decode(ByteBuffer encoded, byte[] page) {
    int at = 0;
    for (boolean first = true; encoded.hasRemaining(); first = false) {
      int same = length(encoded);
      if (same < 0 || (same == 0 && !first)) {
        return false;
      }
      int different = length(encoded);
      at += same;
      boolean fits =
          different > 0 && at + different <= page.length && different <= encoded.remaining();
      if (!fits) {
        return false;
      }
      encoded.get(page, at, different);
      at += different;
    }
    return true;
  }

  /**
   * Writes how {@code after} differs from {@code before} to {@code encoded}. Returns how many bytes
   * that took, 0 when nothing differs, or -1 when it doesn't fit.
   */
  public static int encode(byte[] before, byte[] after, byte[] encoded) {
    int out = 0;
    for (int at = 0; at < after.length; ) {
      int differs = nextDifference(before, after, at);
      if (differs == after.length) {
        return out;
      }
      int same = nextSame(before, after, differs);
      int length = same - differs;
      if (out + 2 * LONGEST_LENGTH + length > encoded.length) {
        return -1;
      }
      out = putLength(encoded, out, differs - at);
      out = putLength(encoded, out, length);
      System.arraycopy(after, differs, encoded, out, length);
      out += length;
      at = same;
    }
    return out;
  }

  private static int nextDifference(byte[] before, byte[] after, int from) {
    int found = Arrays.mismatch(before, from, before.length, after, from, after.length);
    return found < 0 ? after.length : from + found;
  }

  private static int nextSame(byte[] before, byte[] after, int from) {
    int at = from;
    while (at < after.length && before[at] != after[at]) {
      at++;
    }
    return at;
  }

  private static int putLength(byte[] encoded, int at, int length) {
    if (length <= LOW_BITS) {
      encoded[at] = (byte) length;
      return at + 1;
    }
    encoded[at] = (byte) (length | MORE);
    encoded[at + 1] = (byte) (length >>> 7);
    return at + 2;
  }

  /** A length of one or two bytes with at least one byte behind it, or -1. */
  private static int length(ByteBuffer encoded) {
    if (encoded.remaining() < 2) {
      return -1;
    }
    int low = encoded.get();
    if ((low & MORE) == 0) {
      return low;
    }
    int high = encoded.get();
    return (high & MORE) == 0 ? low & LOW_BITS | high << 7 : -1;
  }
}
