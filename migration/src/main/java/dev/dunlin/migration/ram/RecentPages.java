package dev.dunlin.migration.ram;

import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The pages that were last sent by reference, and where in the stream. As many as 64 MiB of stream
 * can hold: each takes a page and a header at least. Migration thread.
 */
final class RecentPages {
  static final int CAPACITY = 1 << 14;

  private final @Nullable RamBlock[] blocks = new RamBlock[CAPACITY];
  private final long[] offsets = new long[CAPACITY];
  private final long[] positions = new long[CAPACITY];
  private long added;
  private long drained;

  /** What {@link #drain} hands pages to. */
  @FunctionalInterface
  interface Sink {
    void page(RamBlock block, long offset) throws IOException;
  }

  void add(RamBlock block, long offset, long position) {
    int slot = (int) (added++ & (CAPACITY - 1));
    blocks[slot] = block;
    offsets[slot] = offset;
    positions[slot] = position;
  }

  /**
   * Hands out, oldest first, what was sent at or after {@code fromPosition}. False when {@code
   * pause} ended it before.
   */
  boolean drain(long fromPosition, BooleanSupplier pause, Sink sink) throws IOException {
    drained = Math.max(drained, added - CAPACITY);
    while (drained < added) {
      int slot = (int) (drained & (CAPACITY - 1));
      if (pause.getAsBoolean() && positions[slot] >= fromPosition) {
        return false;
      }
      drained++;
      RamBlock block = blocks[slot];
      if (block != null && positions[slot] >= fromPosition) {
        sink.page(block, offsets[slot]);
      }
    }
    return true;
  }
}
