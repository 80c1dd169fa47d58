package dev.dunlin.core.net.frame;

import java.nio.ByteBuffer;

/** Ethernet addresses as the low 48 bits of a long. Any thread. */
public final class Mac {
  public static final long BROADCAST = 0xffff_ffff_ffffL;
  public static final int LENGTH = 6;

  private Mac() {}

  public static long read(ByteBuffer bytes, int index) {
    return (bytes.getShort(index) & 0xffffL) << 32 | (bytes.getInt(index + 2) & 0xffff_ffffL);
  }

  public static void write(ByteBuffer bytes, int index, long mac) {
    bytes.putShort(index, (short) (mac >>> 32));
    bytes.putInt(index + 2, (int) mac);
  }

  /** Multicast or broadcast: never a sender. */
  public static boolean isGroup(long mac) {
    return (mac >>> 40 & 1) != 0;
  }

  /** {@code 52:54:00:12:34:56}. */
  public static String format(long mac) {
    StringBuilder text = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      int octet = (int) (mac >>> shift) & 255;
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
      if (shift != 0) {
        text.append(':');
      }
    }
    return text.toString();
  }
}
