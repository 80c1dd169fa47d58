package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writers write and mark while a harvester reads and clears, then copies what was dirty: once both
 * are done, the copy must equal the memory, whatever the interleaving.
 */
final class DirtyBitmapConcurrencyTest {
  private static final int PAGES = 130;
  private static final int PAGE = RamBlock.PAGE_SIZE;
  private static final int ROUNDS = 100_000;

  private final ByteBuffer memory = ByteBuffer.allocateDirect(PAGES * PAGE);
  private final DirtyBitmap bitmap = new DirtyBitmap(PAGES * PAGE, 12);
  private final byte[] copy = new byte[PAGES];

  /**
   * The narrow case: a page is written while its bit is still set from the write before, just as
   * the harvester clears it. Without the fences in DirtyBitmap this fails within a few thousand
   * rounds.
   */
  @Test
  void a_write_to_a_page_that_is_dirty_already_is_not_lost() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              for (int round = 1; round <= ROUNDS; round++) {
                for (int spins = 0; begun.get() < round && !stop.get(); spins++) {
                  spin(spins);
                }
                for (int i = 0; i < 3; i++) {
                  write(65);
                }
                ended.set(round);
              }
            });
    writer.start();
    try {
      for (int round = 1; round <= ROUNDS; round++) {
        begun.set(round);
        for (int spins = 0; ended.get() < round; spins++) {
          copyDirty();
          spin(spins);
        }
        copyDirty();
        assertEquals(memory.get(65 * PAGE), copy[65], "round " + round);
      }
    } finally {
      stop.set(true);
      begun.set(ROUNDS);
      writer.join();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void no_write_is_lost_beside_a_harvester(int writers) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(writers + 1);
    try {
      Future<?> harvester =
          pool.submit(
              () -> {
                while (!done.get()) {
                  copyDirty();
                }
              });
      List<Future<?>> writing = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int mine = w;
        writing.add(pool.submit(() -> writeOwnPages(mine, writers)));
      }
      for (Future<?> writer : writing) {
        writer.get();
      }
      done.set(true);
      harvester.get();
    } finally {
      pool.shutdownNow();
      assertTrue(pool.awaitTermination(1, TimeUnit.MINUTES));
    }
    copyDirty();
    for (int page = 0; page < PAGES; page++) {
      assertEquals(memory.get(page * PAGE), copy[page], "page " + page);
    }
  }

  /** Close together while both run; no waste of a processor that the other side needs. */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void spin(int spins) {
    if (spins > 100) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  /** Own pages, in words that it shares with the others. */
  private void writeOwnPages(int mine, int writers) {
    Random random = new Random(mine);
    for (int i = 0; i < 300_000; i++) {
      write(random.nextInt(PAGES / writers) * writers + mine);
    }
  }

  private void write(int page) {
    memory.put(page * PAGE, (byte) (memory.get(page * PAGE) + 1));
    bitmap.mark((long) page * PAGE, 1);
  }

  private void copyDirty() {
    bitmap.harvest(
        (first, count) -> {
          for (int page = (int) first; page < first + count; page++) {
            copy[page] = memory.get(page * PAGE);
          }
        });
  }
}
