package dev.dunlin.slirp.smb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The form in which Samba's smbpasswd(5) file holds a password: MD4 (RFC 1320) of its UTF-16
 * ([MS-NLMP] section 3.3.1, NTOWFv1). Java's own providers have no MD4.
 */
final class NtHash {
  private static final int BLOCK = 64;
  private static final int[] ROUND_CONSTANTS = {0, 0x5a827999, 0x6ed9eba1};

  /** Shift amounts of each round, by the step's position in its group of four. */
  private static final int[][] SHIFTS = {{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}};

  /** Which word of the block a step takes in the third round (RFC 1320 section 3.4). */
  private static final int[] THIRD_ORDER = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};

  private NtHash() {}

  /** 32 hexadecimal digits in capitals. */
  static String of(String password) {
    return HexFormat.of()
        .withUpperCase()
        .formatHex(md4(password.getBytes(StandardCharsets.UTF_16LE)));
  }

  static byte[] md4(byte[] message) {
    int[] state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    ByteBuffer padded = pad(message);
    int[] words = new int[BLOCK / 4];
    while (padded.hasRemaining()) {
      for (int i = 0; i < words.length; i++) {
        words[i] = padded.getInt();
      }
      addBlock(state, words);
    }
    ByteBuffer digest = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : state) {
      digest.putInt(word);
    }
    return digest.array();
  }

  /** A one bit, zeros, and the length in bits as the last eight bytes (section 3.1, 3.2). */
  private static ByteBuffer pad(byte[] message) {
    int blocks = (message.length + 1 + 8 + BLOCK - 1) / BLOCK;
    ByteBuffer padded = ByteBuffer.allocate(blocks * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    padded.put(message).put((byte) 0x80);
    padded.putLong(padded.capacity() - 8, message.length * 8L);
    return padded.rewind();
  }

  private static void addBlock(int[] state, int[] words) {
    int a = state[0];
    int b = state[1];
    int c = state[2];
    int d = state[3];
    for (int step = 0; step < 48; step++) {
      int round = step / 16;
      int mixed = a + mix(round, b, c, d) + words[wordOf(round, step % 16)];
      int next = Integer.rotateLeft(mixed + ROUND_CONSTANTS[round], SHIFTS[round][step % 4]);
      a = d;
      d = c;
      c = b;
      b = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }

  private static int mix(int round, int b, int c, int d) {
    return switch (round) {
      case 0 -> (b & c) | (~b & d);
      case 1 -> (b & c) | (b & d) | (c & d);
      default -> b ^ c ^ d;
    };
  }

  private static int wordOf(int round, int step) {
    return switch (round) {
      case 0 -> step;
      case 1 -> step % 4 * 4 + step / 4;
      default -> THIRD_ORDER[step];
    };
  }
}
