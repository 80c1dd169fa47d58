package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.ram.PhysicalMap.Region;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PhysicalMemoryTest {
  private static final int PAGE = RamBlock.PAGE_SIZE;

  private final RamBlock ram = new RamBlock("ram", new HeapRam(4 * PAGE), false);
  private final RamBlock rom = new RamBlock("rom", new HeapRam(2 * PAGE), true);

  /**
   * ram pages 0-1 at 0, rom at 0x3000 (hole at 0x2000), rom's second page again, ram 2-3 after it.
   */
  private final PhysicalMemory memory =
      new PhysicalMemory(
          new PhysicalMap(
              List.of(
                  new Region(0, 2 * PAGE, ram, 0),
                  new Region(3 * PAGE, 2 * PAGE, rom, 0),
                  new Region(5 * PAGE, PAGE, rom, PAGE),
                  new Region(6 * PAGE, 2 * PAGE, ram, 2 * PAGE))));

  @Test
  void a_read_across_a_hole_gives_zeroes_there_and_says_so() {
    ram.write(0, filled(4 * PAGE, 1));
    rom.write(0, filled(2 * PAGE, 2));
    ByteBuffer back = filled(8 * PAGE, 9);
    assertFalse(memory.read(0, back));
    assertFalse(back.hasRemaining());
    for (int at = 0; at < 8 * PAGE; at++) {
      int page = at / PAGE;
      int expected = page < 2 || page >= 6 ? 1 : page == 2 ? 0 : 2;
      assertEquals(expected, back.get(at), "byte " + at);
    }
    assertTrue(memory.read(3 * PAGE + 10, ByteBuffer.allocate(4 * PAGE)));
  }

  @Test
  void a_guest_cannot_write_rom_but_a_loader_can() {
    assertTrue(memory.write(5 * PAGE - 2, filled(PAGE + 4, 7)));
    assertEquals(0, byteAt(5 * PAGE));
    assertEquals(7, byteAt(6 * PAGE));
    assertTrue(memory.writeRom(3 * PAGE, filled(3 * PAGE, 8)));
    assertEquals(8, byteAt(3 * PAGE));
    assertEquals(8, byteAt(5 * PAGE));
    assertEquals(7, byteAt(6 * PAGE));
  }

  @Test
  void writes_mark_the_blocks_pages_dirty() {
    DirtyBitmap dirty = ram.startTracking(DirtyClient.MIGRATION);
    memory.write(6 * PAGE, filled(1, 1));
    assertTrue(dirty.isDirty(2));
    assertEquals(1, dirty.count());
  }

  @ParameterizedTest
  @ValueSource(longs = {8 * PAGE, 1L << 40, Long.MAX_VALUE - 3, Long.MIN_VALUE, -1, -4})
  void nothing_answers_above_the_last_region(long address) {
    ByteBuffer back = filled(16, 9);
    assertFalse(memory.read(address, back));
    assertEquals(ByteBuffer.allocate(16), back.flip());
    assertFalse(memory.write(address, filled(16, 1)));
    assertEquals(0, memory.contiguous(address));
  }

  @Test
  void contiguous_memory_ends_at_the_hole() {
    assertEquals(2 * PAGE, memory.contiguous(0));
    assertEquals(1, memory.contiguous(2 * PAGE - 1));
    assertEquals(0, memory.contiguous(2 * PAGE));
    assertEquals(5 * PAGE - 1, memory.contiguous(3 * PAGE + 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void random_accesses_agree_with_a_flat_array(long seed) {
    Random random = new Random(seed);
    byte[] model = new byte[9 * PAGE];
    for (int step = 0; step < 500; step++) {
      int at = random.nextInt(9 * PAGE);
      int count = random.nextInt(9 * PAGE - at + 1);
      byte[] bytes = new byte[count];
      if (random.nextBoolean()) {
        random.nextBytes(bytes);
        memory.write(at, ByteBuffer.wrap(bytes));
        for (int i = 0; i < count; i++) {
          int page = (at + i) / PAGE;
          if (page < 2 || page == 6 || page == 7) {
            model[at + i] = bytes[i];
          }
        }
      } else {
        memory.read(at, ByteBuffer.wrap(bytes));
        assertArrayEquals(Arrays.copyOfRange(model, at, at + count), bytes, "seed " + seed);
      }
    }
  }

  @Test
  void regions_may_not_overlap_nor_leave_their_block() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new PhysicalMap(
                List.of(new Region(0, 2 * PAGE, ram, 0), new Region(PAGE, PAGE, ram, 0))));
    assertThrows(IllegalArgumentException.class, () -> new Region(0, 5 * PAGE, ram, 0));
    assertThrows(IllegalArgumentException.class, () -> new Region(-1, PAGE, ram, 0));
    assertThrows(IllegalArgumentException.class, () -> new Region(Long.MAX_VALUE, PAGE, ram, 0));
  }

  private byte byteAt(long address) {
    ByteBuffer one = ByteBuffer.allocate(1);
    memory.read(address, one);
    return one.get(0);
  }

  private static ByteBuffer filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return ByteBuffer.wrap(bytes);
  }
}
