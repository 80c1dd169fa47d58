package dev.dunlin.core.net.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071), its incremental update (RFC 1624) and the pseudo header of IPv4
 * (RFC 793).
 *
 * <p>A running sum is a {@code long} of 32-bit words added up; it can't overflow below 8 GiB of
 * input. {@link #finish} folds and complements. Buffers must be big-endian, and every piece but the
 * last of a sum must have an even length.
 */
public final class Checksum {
  private static final int UDP_FIELD = 6;

  /** Bytes added in one go. */
  private static final int BLOCK = 64;

  private static final VarHandle WORDS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private Checksum() {}

  /**
   * Adds {@code length} bytes from {@code index} to {@code sum}.
   *
   * <p>The sum of a long packet is half the work of taking it. Words are added in the machine's own
   * order, whose sum only has its octets swapped (RFC 1071 section 2), and whole, with their upper
   * halves counted beside: what those don't account for are the lower halves. The loop is long
   * enough not to become a part of its callers, in whose middle the compiler gives up on it.
   */
  public static long add(long sum, ByteBuffer bytes, int index, int length) {
    int at = index;
    int end = index + length;
    long s = sum;
    if (length >= BLOCK) {
      long all = 0;
      long upper = 0;
      long all2 = 0;
      long upper2 = 0;
      for (int last = end - BLOCK; at <= last; at += BLOCK) {
        long word = (long) WORDS.get(bytes, at);
        all += word;
        upper += word >>> 32;
        word = (long) WORDS.get(bytes, at + 8);
        all2 += word;
        upper2 += word >>> 32;
        word = (long) WORDS.get(bytes, at + 16);
        all += word;
        upper += word >>> 32;
        word = (long) WORDS.get(bytes, at + 24);
        all2 += word;
        upper2 += word >>> 32;
        word = (long) WORDS.get(bytes, at + 32);
        all += word;
        upper += word >>> 32;
        word = (long) WORDS.get(bytes, at + 40);
        all2 += word;
        upper2 += word >>> 32;
        word = (long) WORDS.get(bytes, at + 48);
        all += word;
        upper += word >>> 32;
        word = (long) WORDS.get(bytes, at + 56);
        all2 += word;
        upper2 += word >>> 32;
      }
      long lower = all - (upper << 32) + all2 - (upper2 << 32);
      s += inNetworkOrder(fold(upper + upper2 + lower));
    }
    for (; at <= end - 4; at += 4) {
      s += bytes.getInt(at) & 0xffff_ffffL;
    }
    if (at <= end - 2) {
      // Both halves of a 32-bit word weigh the same modulo 0xffff, so a lone half needs no shift.
      s += bytes.getShort(at) & 0xffff;
      at += 2;
    }
    if (at < end) {
      s += (bytes.get(at) & 0xff) << 8;
    }
    return s;
  }

  private static int inNetworkOrder(int sum) {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? sum : (sum & 0xff) << 8 | sum >>> 8;
  }

  /** The sum folded to 16 bits, not complemented. */
  public static int fold(long sum) {
    long s = (sum >>> 32) + (sum & 0xffff_ffffL);
    s = (s >>> 16) + (s & 0xffff);
    s = (s >>> 16) + (s & 0xffff);
    s = (s >>> 16) + (s & 0xffff);
    return (int) s;
  }

  /** The value for a checksum field. */
  public static int finish(long sum) {
    return ~fold(sum) & 0xffff;
  }

  /** The checksum of one range. */
  public static int of(ByteBuffer bytes, int index, int length) {
    return finish(add(0, bytes, index, length));
  }

  /** Whether a range that includes its checksum field (and {@code sum} before it) is intact. */
  public static boolean valid(long sum, ByteBuffer bytes, int index, int length) {
    return fold(add(sum, bytes, index, length)) == 0xffff;
  }

  /** Sum of the IPv4 pseudo header. */
  public static long pseudoV4(int source, int destination, int protocol, int length) {
    return (source & 0xffff_ffffL) + (destination & 0xffff_ffffL) + protocol + length;
  }

  /**
   * RFC 1624 equation 3: the checksum after one 16-bit word changed. Never yields the wrong zero
   * that RFC 1141's form does.
   */
  public static int update16(int checksum, int oldWord, int newWord) {
    return finish((long) (~checksum & 0xffff) + (~oldWord & 0xffff) + (newWord & 0xffff));
  }

  /** The same for an aligned 32-bit field. */
  public static int update32(int checksum, int oldWord, int newWord) {
    return update16(
        update16(checksum, oldWord >>> 16, newWord >>> 16), oldWord & 0xffff, newWord & 0xffff);
  }

  /**
   * What stands in the field of a completed partial checksum, {@code offset} bytes into its
   * transport header. Only UDP, whose field is at 6, has another name for zero: there zero means
   * "none" (RFC 768). A TCP checksum of 0xffff would pass too, but no sum yields it (RFC 1624).
   */
  static int inField(int checksum, int offset) {
    return checksum == 0 && offset == UDP_FIELD ? 0xffff : checksum;
  }

  /**
   * Completes a partial (offloaded) checksum as a network card would: sums {@code start} to {@code
   * end}, with the pseudo header's sum already in the field, and stores the result.
   */
  public static void complete(ByteBuffer bytes, int start, int offset, int end) {
    int value = inField(of(bytes, start, end - start), offset);
    bytes.putShort(start + offset, (short) value);
  }
}
