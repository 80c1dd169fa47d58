package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Round and round over the pages of a guest-physical range, leaving out ROM and holes. One thread;
 * only {@link #count} may be called from others.
 */
final class PageWalk {
  private static final int PAGE_SIZE = RamBlock.PAGE_SIZE;
  private static final long WINDOW_SIZE = 1L << 30;

  /** Pages that lie together in one block. */
  private record Span(RamBlock block, long offset, long end) {}

  private final ImmutableList<Span> spans;
  private int index;
  private long at;
  private Optional<ByteBuffer> window = Optional.empty();
  private long windowStart;
  private long windowEnd;
  private final ByteBuffer single = ByteBuffer.allocate(1);
  private final AtomicLong count = new AtomicLong();

  private PageWalk(ImmutableList<Span> spans) {
    this.spans = spans;
    if (!spans.isEmpty()) {
      this.at = spans.get(0).offset();
    }
  }

  /** Pages whose first byte lies in {@code [start, end)}. */
  static PageWalk over(PhysicalMap map, long start, long end) {
    ImmutableList.Builder<Span> spans = ImmutableList.builder();
    for (PhysicalMap.Region region : map.regions()) {
      long from = Math.max(roundUp(start), region.address());
      long until = Math.min(roundUp(end), region.end());
      if (from < until && !region.block().isRom()) {
        long shift = region.offset() - region.address();
        spans.add(new Span(region.block(), from + shift, until + shift));
      }
    }
    return new PageWalk(spans.build());
  }

  private static long roundUp(long address) {
    return address > Long.MAX_VALUE - PAGE_SIZE
        ? Long.MAX_VALUE & -PAGE_SIZE
        : (address + PAGE_SIZE - 1) & -PAGE_SIZE;
  }

  boolean isEmpty() {
    return spans.isEmpty();
  }

  long count() {
    return count.getAcquire();
  }

  /** Adds one to the next page's first byte, then tells the dirty log. */
  void incrementNext() {
    Span span = spans.get(index);
    if (at == windowEnd || windowEnd == 0) {
      openWindow(span);
    }
    if (window.isPresent()) {
      ByteBuffer bytes = window.get();
      int place = (int) (at - windowStart);
      bytes.put(place, (byte) (bytes.get(place) + 1));
      span.block().markDirty(at, 1);
    } else {
      incrementByCopy(span.block());
    }
    count.setRelease(count.getPlain() + 1);
    at += PAGE_SIZE;
    if (at == span.end()) {
      index = (index + 1) % spans.size();
      at = spans.get(index).offset();
      windowEnd = 0;
    }
  }

  private void incrementByCopy(RamBlock block) {
    block.read(at, single.clear());
    single.put(0, (byte) (single.get(0) + 1));
    block.write(at, single.flip());
  }

  private void openWindow(Span span) {
    windowStart = at;
    windowEnd = Math.min(span.end(), (at / WINDOW_SIZE + 1) * WINDOW_SIZE);
    window = span.block().backing().window(windowStart, (int) (windowEnd - windowStart));
  }
}
