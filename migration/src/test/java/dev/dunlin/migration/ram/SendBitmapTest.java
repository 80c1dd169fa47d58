package dev.dunlin.migration.ram;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendBitmapTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 128, 1000})
  void behaves_as_a_plain_set_of_pages(int pages) {
    Random random = new Random(pages);
    SendBitmap bitmap = new SendBitmap(pages);
    BitSet model = new BitSet();
    for (int round = 0; round < 300; round++) {
      int from = random.nextInt(pages);
      int to = from + random.nextInt(pages - from + 1);
      switch (random.nextInt(5)) {
        case 0 -> {
          bitmap.setAll();
          model.set(0, pages);
        }
        case 1, 2 -> {
          bitmap.set(from, to);
          model.set(from, to);
        }
        default -> {
          bitmap.clear(from, to);
          model.clear(from, to);
        }
      }
      assertEquals(model.cardinality(), bitmap.count());
      int at = random.nextInt(pages + 1);
      int set = model.nextSetBit(at);
      assertEquals(set < 0 ? pages : set, bitmap.nextSet(at));
      assertEquals(Math.min(pages, model.nextClearBit(at)), bitmap.nextClear(at));
    }
  }
}
