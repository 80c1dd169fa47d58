package dev.dunlin.migration.multifd;

import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Up to 128 pages of one block. Handed from thread to thread, never shared. */
final class PageBatch {
  /** MULTIFD_PACKET_SIZE over the page size (QEMU migration/multifd.h). */
  static final int MOST = 128;

  static final int MOST_BYTES = MOST * RamBlock.PAGE_SIZE;

  private final long[] offsets = new long[MOST];
  private @Nullable RamBlock block;
  private int count;

  /** Whether a page of this block fits in. */
  boolean takes(RamBlock other) {
    return count == 0 || (count < MOST && block == other);
  }

  void add(RamBlock of, long offset) {
    block = of;
    offsets[count++] = offset;
  }

  void clear() {
    count = 0;
    block = null;
  }

  int count() {
    return count;
  }

  int bytes() {
    return count * RamBlock.PAGE_SIZE;
  }

  RamBlock block() {
    if (block == null) {
      throw new IllegalStateException("an empty batch has no block");
    }
    return block;
  }

  long offset(int index) {
    return offsets[index];
  }

  /** How many pages from {@code index} on lie one behind the other in memory too. */
  int run(int index) {
    int end = index + 1;
    while (end < count && offsets[end] == offsets[end - 1] + RamBlock.PAGE_SIZE) {
      end++;
    }
    return end - index;
  }

  /** Copies all pages behind the position. */
  void copyTo(ByteBuffer into) {
    for (int i = 0; i < count; ) {
      int run = run(i);
      int end = into.position() + run * RamBlock.PAGE_SIZE;
      int limit = into.limit();
      block().read(offsets[i], into.limit(end));
      into.limit(limit);
      i += run;
    }
  }
}
