package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import dev.dunlin.ram.RamBlock;

/**
 * Neighbouring pages.
 *
 * @param first the first page's number
 */
public record PageRange(long first, long pages) {

  /** Offset of the first byte. */
  public long from() {
    return first * RamBlock.PAGE_SIZE;
  }

  /** Offset of the last byte. */
  public long to() {
    return (first + pages) * RamBlock.PAGE_SIZE - 1;
  }

  /** Puts pages that come in order together. */
  static final class Collector {
    private final ImmutableList.Builder<PageRange> ranges = ImmutableList.builder();
    private long first;
    private long count;

    void add(long page) {
      if (count > 0 && page == first + count) {
        count++;
        return;
      }
      end();
      first = page;
      count = 1;
    }

    ImmutableList<PageRange> ranges() {
      end();
      return ranges.build();
    }

    private void end() {
      if (count > 0) {
        ranges.add(new PageRange(first, count));
        count = 0;
      }
    }
  }
}
