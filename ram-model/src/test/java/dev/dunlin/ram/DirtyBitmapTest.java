package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bits against a BitSet that does the same, over random operations. */
final class DirtyBitmapTest {
  private static final int PAGE = 4096;

  private record Run(long first, long count) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void behaves_like_a_bit_set(long seed) {
    Random random = new Random(seed);
    int pages = 1 + random.nextInt(400);
    DirtyBitmap bitmap = new DirtyBitmap((long) pages * PAGE, 12);
    BitSet model = new BitSet();
    for (int step = 0; step < 3000; step++) {
      int first = random.nextInt(pages);
      int end = first + random.nextInt(pages - first + 1);
      switch (random.nextInt(7)) {
        case 0 -> {
          bitmap.mark((long) first * PAGE + 17, Math.max(0, (long) (end - first) * PAGE - 17));
          model.set(first, end);
        }
        case 1 -> {
          bitmap.markPages(first, end);
          model.set(first, end);
        }
        case 2 -> {
          bitmap.clearPages(first, end);
          model.clear(first, end);
        }
        case 3 -> {
          assertEquals(model.get(first), bitmap.testAndClear(first));
          model.clear(first);
        }
        case 4 -> {
          assertEquals(runsOf(model, first, end), harvested(bitmap, first, end));
          model.clear(first, end);
        }
        case 5 -> {
          int next = model.nextSetBit(first);
          assertEquals(next < 0 ? pages : next, bitmap.nextDirty(first));
        }
        default ->
            assertEquals(Math.min(pages, model.nextClearBit(first)), bitmap.nextClean(first));
      }
      assertEquals(model.cardinality(), bitmap.count(), "after step " + step + " of seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void draining_adds_up_and_counts_what_was_new(long seed) {
    Random random = new Random(seed);
    DirtyBitmap from = new DirtyBitmap(1000L * PAGE, 12);
    DirtyBitmap into = new DirtyBitmap(1000L * PAGE, 12);
    BitSet model = new BitSet();
    for (int round = 0; round < 50; round++) {
      BitSet marked = new BitSet();
      for (int i = 0; i < 40; i++) {
        int page = random.nextInt(1000);
        from.markPages(page, page + 1);
        marked.set(page);
      }
      BitSet fresh = (BitSet) marked.clone();
      fresh.andNot(model);
      model.or(marked);
      assertEquals(fresh.cardinality(), from.drainInto(into));
      assertEquals(0, from.count());
      assertEquals(model.cardinality(), into.count());
    }
  }

  @Test
  void marking_a_byte_marks_its_page_and_a_straddling_write_marks_both() {
    DirtyBitmap bitmap = new DirtyBitmap(4 * PAGE, 12);
    bitmap.mark(PAGE - 1, 1);
    assertEquals(List.of(new Run(0, 1)), harvested(bitmap, 0, 4));
    bitmap.mark(2 * PAGE - 1, 2);
    assertEquals(List.of(new Run(1, 2)), harvested(bitmap, 0, 4));
    bitmap.mark(0, 0);
    assertEquals(0, bitmap.count());
  }

  @Test
  void a_run_that_spans_words_is_handed_out_once() {
    DirtyBitmap bitmap = new DirtyBitmap(1000L * PAGE, 12);
    bitmap.markPages(10, 700);
    bitmap.markPages(701, 702);
    assertEquals(List.of(new Run(10, 690), new Run(701, 1)), harvested(bitmap, 0, 1000));
    assertEquals(List.of(), harvested(bitmap, 0, 1000));
  }

  @Test
  void everything_can_be_marked_and_nothing_beyond() {
    DirtyBitmap bitmap = new DirtyBitmap(70L * PAGE, 12);
    bitmap.markAll();
    assertEquals(70, bitmap.count());
    assertEquals(List.of(new Run(0, 70)), harvested(bitmap, 0, 70));
    assertThrows(IndexOutOfBoundsException.class, () -> bitmap.mark(69L * PAGE, PAGE + 1));
    assertThrows(IndexOutOfBoundsException.class, () -> bitmap.markPages(-1, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> bitmap.harvest(0, 71, (f, n) -> {}));
    assertEquals(0, bitmap.count());
  }

  @Test
  void an_empty_bitmap_has_no_dirty_page() {
    DirtyBitmap bitmap = new DirtyBitmap(0, 12);
    bitmap.markAll();
    assertEquals(0, bitmap.nextDirty(0));
    assertEquals(0, bitmap.harvest((first, count) -> {}));
  }

  @Test
  void a_bitmap_of_another_size_is_refused() {
    DirtyBitmap bitmap = new DirtyBitmap(10L * PAGE, 12);
    assertThrows(
        IllegalArgumentException.class, () -> bitmap.drainInto(new DirtyBitmap(9L * PAGE, 12)));
  }

  @Test
  void a_partial_last_page_counts_as_a_page() {
    DirtyBitmap bitmap = new DirtyBitmap(PAGE + 1, 12);
    bitmap.mark(PAGE, 1);
    assertFalse(bitmap.isDirty(0));
    assertTrue(bitmap.isDirty(1));
  }

  private static List<Run> harvested(DirtyBitmap bitmap, long first, long end) {
    List<Run> runs = new ArrayList<>();
    long total = bitmap.harvest(first, end, (page, count) -> runs.add(new Run(page, count)));
    assertEquals(runs.stream().mapToLong(Run::count).sum(), total);
    return runs;
  }

  private static List<Run> runsOf(BitSet model, int from, int end) {
    List<Run> runs = new ArrayList<>();
    for (int at = model.nextSetBit(from); at >= 0 && at < end; ) {
      int clear = Math.min(end, model.nextClearBit(at));
      runs.add(new Run(at, clear - at));
      at = model.nextSetBit(clear);
    }
    return runs;
  }
}
