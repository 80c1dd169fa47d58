package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RamBlockTest {
  private static final int PAGE = RamBlock.PAGE_SIZE;

  @Test
  void each_client_has_its_own_view_of_what_was_written() {
    RamBlock block = new RamBlock("pc.ram", new HeapRam(10 * PAGE), false);
    block.write(0, ByteBuffer.allocate(1));
    DirtyBitmap vga = block.startTracking(DirtyClient.VGA);
    block.write(PAGE, ByteBuffer.allocate(2 * PAGE));
    DirtyBitmap migration = block.startTracking(DirtyClient.MIGRATION);
    block.discard(5 * PAGE, PAGE);
    assertEquals(3, vga.count());
    assertEquals(1, migration.count());
    migration.harvest((first, count) -> assertEquals(5, first));
    assertEquals(3, vga.count());
    block.stopTracking(DirtyClient.VGA);
    block.write(9 * PAGE, ByteBuffer.allocate(1));
    assertEquals(3, vga.count());
    assertEquals(1, migration.count());
    assertNull(block.dirty(DirtyClient.VGA));
    assertNotNull(block.dirty(DirtyClient.MIGRATION));
  }

  @Test
  void the_dirty_log_hands_out_runs_once() {
    RamBlock one = new RamBlock("one", new HeapRam(200 * PAGE), false);
    RamBlock two = new RamBlock("two", new HeapRam(10 * PAGE), false);
    GuestRam ram = new GuestRam(List.of(one, two), PhysicalMap.EMPTY);
    ram.dirtyLog().start();
    one.write(60 * PAGE + 5, ByteBuffer.allocate(20 * PAGE));
    two.write(9 * PAGE, ByteBuffer.allocate(1));
    assertEquals(List.of("one 60+21", "two 9+1"), harvest(ram.dirtyLog()));
    assertEquals(List.of(), harvest(ram.dirtyLog()));
    ram.dirtyLog().stop();
    one.write(0, ByteBuffer.allocate(1));
    assertEquals(List.of(), harvest(ram.dirtyLog()));
  }

  private static List<String> harvest(DirtyLog log) {
    List<String> found = new ArrayList<>();
    log.harvest(
        (block, offset, length) ->
            found.add(block.idstr() + " " + offset / PAGE + "+" + length / PAGE));
    return found;
  }

  @Test
  void a_name_must_fit_the_stream_and_a_length_must_be_pages() {
    HeapRam page = new HeapRam(PAGE);
    assertThrows(IllegalArgumentException.class, () -> new RamBlock("", page, false));
    assertThrows(IllegalArgumentException.class, () -> new RamBlock("x".repeat(256), page, false));
    assertThrows(IllegalArgumentException.class, () -> new RamBlock("x", new HeapRam(1), false));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new GuestRam(
                List.of(new RamBlock("x", page, false), new RamBlock("x", page, false)),
                PhysicalMap.EMPTY));
  }
}
