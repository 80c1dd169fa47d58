package dev.dunlin.migration.ram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.migration.stream.StreamBuilder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XbzrleTest {
  private static final int PAGE = 4096;

  private final byte[] encoded = new byte[PAGE];

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void what_was_encoded_decodes_to_the_page(int seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] before = page(random);
      byte[] after = before.clone();
      for (int i = random.nextInt(20); i > 0; i--) {
        int at = random.nextInt(PAGE);
        byte[] some = new byte[Math.min(PAGE - at, 1 + random.nextInt(300))];
        random.nextBytes(some);
        System.arraycopy(some, 0, after, at, some.length);
      }
      int length = Xbzrle.encode(before, after, encoded);
      assertEquals(length == 0, Arrays.equals(before, after));
      if (length > 0) {
        assertTrue(Xbzrle.decode(ByteBuffer.wrap(encoded, 0, length), before));
        assertArrayEquals(after, before);
      }
    }
  }

  /** QEMU docs/xbzrle.txt: zrun, nzrun, bytes. */
  @Test
  void runs_are_encoded_as_qemu_s_documentation_has_it() {
    byte[] before = new byte[PAGE];
    byte[] after = new byte[PAGE];
    after[1001] = 5;
    after[1002] = 6;
    after[1006] = 7;
    int length = Xbzrle.encode(before, after, encoded);
    assertArrayEquals(StreamBuilder.hex("e907 02 0506 03 01 07"), Arrays.copyOf(encoded, length));
  }

  @Test
  void a_page_that_differs_everywhere_does_not_fit() {
    byte[] after = new byte[PAGE];
    Arrays.fill(after, (byte) 1);
    assertEquals(-1, Xbzrle.encode(new byte[PAGE], after, encoded));
    for (int i = 0; i < PAGE; i += 2) {
      after[i] = 0;
    }
    assertEquals(-1, Xbzrle.encode(new byte[PAGE], after, encoded));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00",
        "0000",
        "0001",
        "0005 0102",
        "ffff 0101",
        "8080 0101",
        "00 01 05 00 01 05",
        "ff7f 01 01",
        "ff1f 02 0102"
      })
  void what_is_no_difference_is_refused(String hex) {
    assertFalse(Xbzrle.decode(ByteBuffer.wrap(StreamBuilder.hex(hex)), new byte[PAGE]), hex);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void any_bytes_are_decoded_or_refused(int seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(30)];
      random.nextBytes(bytes);
      Xbzrle.decode(ByteBuffer.wrap(bytes), new byte[PAGE]);
    }
  }

  private static byte[] page(Random random) {
    byte[] page = new byte[PAGE];
    random.nextBytes(page);
    return page;
  }
}
