package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ZeroPagesTest {

  @Test
  void a_single_bit_anywhere_in_the_page_shows() {
    for (ByteBuffer page :
        List.of(
            ByteBuffer.allocate(8192),
            ByteBuffer.allocateDirect(8192).order(ByteOrder.nativeOrder()))) {
      assertTrue(ZeroPages.isZeroPage(page, 4096));
      for (int at = 0; at < 4096; at++) {
        page.put(4096 + at, (byte) 0x80);
        assertFalse(ZeroPages.isZeroPage(page, 4096), "byte " + at);
        page.put(4096 + at, (byte) 0);
      }
      page.put(4095, (byte) 1);
      assertTrue(ZeroPages.isZeroPage(page, 4096), "the byte before belongs to another page");
      assertEquals(0, page.position());
    }
  }

  @Test
  void any_offset_and_length_will_do() {
    Random random = new Random(42);
    ByteBuffer buffer = ByteBuffer.allocate(300);
    for (int i = 0; i < 5000; i++) {
      int from = random.nextInt(200);
      int length = random.nextInt(100);
      int spot = random.nextInt(300);
      buffer.put(spot, (byte) 1);
      boolean within = spot >= from && spot < from + length;
      assertEquals(!within, ZeroPages.isZero(buffer, from, length));
      buffer.put(spot, (byte) 0);
    }
  }

  @Test
  void a_range_outside_the_buffer_is_refused() {
    ByteBuffer page = ByteBuffer.allocate(4096);
    assertThrows(IndexOutOfBoundsException.class, () -> ZeroPages.isZeroPage(page, 1));
  }
}
