package dev.dunlin.migration.ram;

import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.RamFile;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Pages as they were last sent, each at the one place that its address gives it (QEMU
 * migration/page_cache.c). A page that was looked for not long ago isn't displaced by another.
 * Memory is taken when pages come, and goes with the last reference to this. Migration thread.
 */
final class PageCache {
  private static final int WINDOW_SHIFT = 30;

  /** For so many syncs of the dirty log a page keeps its place. */
  private static final long LIFETIME = 2;

  private static final long NOBODY = -1;

  private final ByteBuffer[] windows;
  private final long[] addresses;
  private final long[] ages;

  /**
   * @param bytes a power of two, a page at least
   */
  PageCache(RamFileProvider files, long bytes) throws IOException {
    int places = Math.toIntExact(bytes >>> RamBlock.PAGE_SHIFT);
    this.windows = new ByteBuffer[Math.toIntExact(((bytes - 1) >>> WINDOW_SHIFT) + 1)];
    try (RamFile file = files.create("xbzrle cache", bytes)) {
      for (int i = 0; i < windows.length; i++) {
        long start = (long) i << WINDOW_SHIFT;
        windows[i] = file.map(start, (int) Math.min(1L << WINDOW_SHIFT, bytes - start));
      }
    }
    this.addresses = new long[places];
    this.ages = new long[places];
    Arrays.fill(addresses, NOBODY);
  }

  /** Whether the page is here; it then stays for a while. */
  boolean has(long address, long now) {
    int place = place(address);
    if (addresses[place] != address) {
      return false;
    }
    ages[place] = now;
    return true;
  }

  /** Gives a page its place, unless another one holds that. */
  void put(long address, byte[] page, long now) {
    int place = place(address);
    if (addresses[place] != NOBODY && addresses[place] != address && ages[place] + LIFETIME > now) {
      return;
    }
    addresses[place] = address;
    ages[place] = now;
    window(place).put(offset(place), page);
  }

  /** The content of a page that is here. */
  void get(long address, byte[] page) {
    int place = place(address);
    window(place).get(offset(place), page);
  }

  private int place(long address) {
    return (int) (address >>> RamBlock.PAGE_SHIFT) & (addresses.length - 1);
  }

  private ByteBuffer window(int place) {
    return windows[place >>> (WINDOW_SHIFT - RamBlock.PAGE_SHIFT)];
  }

  private static int offset(int place) {
    return place << RamBlock.PAGE_SHIFT & ((1 << WINDOW_SHIFT) - 1);
  }
}
