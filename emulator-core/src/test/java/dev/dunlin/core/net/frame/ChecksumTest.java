package dev.dunlin.core.net.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ChecksumTest {
  private final SplittableRandom random = new SplittableRandom(20261123);

  @Test
  void rfc_1071_example_sums_to_ddf2() {
    ByteBuffer bytes =
        ByteBuffer.wrap(
            new byte[] {0, 1, (byte) 0xf2, 3, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7});
    assertEquals(0xddf2, Checksum.fold(Checksum.add(0, bytes, 0, 8)));
  }

  @Test
  void every_length_and_alignment_agrees_with_the_textbook_loop() {
    for (int length = 0; length < 200; length++) {
      for (int start = 0; start < 9; start++) {
        byte[] raw = randomBytes(start + length + 5);
        assertEquals(
            textbook(raw, start, length),
            Checksum.of(ByteBuffer.wrap(raw), start, length),
            "length " + length + " at " + start);
      }
    }
  }

  @Test
  void the_longest_packet_of_all_ones_does_not_overflow() {
    byte[] raw = new byte[65_535];
    java.util.Arrays.fill(raw, (byte) 0xff);
    assertEquals(textbook(raw, 0, raw.length), Checksum.of(ByteBuffer.wrap(raw), 0, raw.length));
  }

  @Test
  void incremental_update_equals_a_new_sum() {
    for (int i = 0; i < 2_000; i++) {
      byte[] raw = randomBytes(40);
      ByteBuffer bytes = ByteBuffer.wrap(raw);
      int before = Checksum.of(bytes, 0, 40);
      int at = random.nextInt(9) * 4;
      int oldWord = bytes.getInt(at);
      int newWord = random.nextInt(4) == 0 ? 0 : random.nextInt();
      bytes.putInt(at, newWord);
      assertEquals(Checksum.of(bytes, 0, 40), Checksum.update32(before, oldWord, newWord));
    }
  }

  @Test
  void rfc_1624_example_does_not_yield_the_wrong_zero() {
    assertEquals(0x0000, Checksum.update16(0xdd2f, 0x5555, 0x3285));
  }

  @Test
  void partial_checksum_of_udp_completes_to_a_valid_one_and_never_to_zero() {
    for (int i = 0; i < 500; i++) {
      byte[] raw = randomBytes(20 + random.nextInt(60));
      ByteBuffer bytes = ByteBuffer.wrap(raw);
      long pseudo = Checksum.pseudoV4(random.nextInt(), random.nextInt(), 17, raw.length);
      bytes.putShort(6, (short) Checksum.fold(pseudo));
      Checksum.complete(bytes, 0, 6, raw.length);
      assertTrue(Checksum.valid(pseudo, bytes, 0, raw.length));
      assertFalse(bytes.getShort(6) == 0);
      bytes.put(12, (byte) (bytes.get(12) ^ 1));
      assertFalse(Checksum.valid(pseudo, bytes, 0, raw.length));
    }
  }

  @Test
  void a_sum_of_zero_is_zero_to_tcp_and_ffff_to_udp() {
    assertEquals(0x0000, completedZero(16));
    assertEquals(0xffff, completedZero(6));
  }

  /** A header of zeros and one word that makes its checksum zero. */
  private static int completedZero(int offset) {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    bytes.putShort(0, (short) 0xffff);
    Checksum.complete(bytes, 0, offset, 20);
    return bytes.getShort(offset) & 0xffff;
  }

  private byte[] randomBytes(int length) {
    byte[] raw = new byte[length];
    random.nextBytes(raw);
    return raw;
  }

  private static int textbook(byte[] raw, int start, int length) {
    long sum = 0;
    for (int i = 0; i < length; i++) {
      int octet = raw[start + i] & 0xff;
      sum += (i & 1) == 0 ? octet << 8 : octet;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) (~sum & 0xffff);
  }
}
