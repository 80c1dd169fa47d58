package dev.dunlin.migration.ram;

import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * XBZRLE on the sending side (QEMU migration/ram.c, save_xbzrle_page): a page that was sent before
 * and is remembered goes as its difference. From the second round on, since in the first nothing
 * comes twice. What is remembered of a page must be what the other side has of it, to the byte, so
 * whatever is sent meanwhile goes through here. Migration thread; {@link #counters} any.
 */
public final class Differences {
  private static final byte[] ZEROES = new byte[RamBlock.PAGE_SIZE];

  private final RamFileProvider files;
  private final long ram;
  private final byte[] before = new byte[RamBlock.PAGE_SIZE];
  private final byte[] now = new byte[RamBlock.PAGE_SIZE];
  private final byte[] encoded = new byte[RamBlock.PAGE_SIZE];
  private final XbzrleTally tally;
  private PageCache cache;
  private long cacheSize;
  private long round;
  private boolean remembers = true;

  /** Takes what is to be sent of a page. */
  interface Sender {
    /** All of it, from a buffer that is filled again. */
    void whole(ByteBuffer page) throws IOException;

    /** How it differs; returns the bytes of the record's header beyond its first word. */
    long difference(ByteBuffer encoded) throws IOException;
  }

  /**
   * @param cacheSize bytes of pages that are remembered: a power of two, a page at least
   * @param ram bytes of all RAM; more is never remembered
   */
  public Differences(RamFileProvider files, long cacheSize, long ram) throws IOException {
    this.files = files;
    this.ram = ram;
    this.cacheSize = cacheSize;
    this.cache = new PageCache(files, useful());
    this.tally = new XbzrleTally(cacheSize);
  }

  private long useful() {
    long enough = Math.max(RamBlock.PAGE_SIZE, Long.highestOneBit(Math.max(1, ram - 1)) << 1);
    return Math.min(cacheSize, enough);
  }

  /**
   * Another round begins; the user may have asked for another size meanwhile.
   *
   * @param pagesSent pages that all rounds have sent
   */
  void nextRound(long pagesSent) {
    round++;
    tally.endRound(pagesSent);
  }

  /** Remembers so much from now on. */
  public void resize(long wanted) throws IOException {
    if (wanted != cacheSize) {
      cacheSize = wanted;
      cache = new PageCache(files, useful());
      tally.cacheSize(wanted);
    }
  }

  /** From now on no page comes again. */
  void lastRound() {
    remembers = false;
  }

  /** Whether pages may have been sent before. */
  boolean isOn() {
    return round > 0;
  }

  /**
   * Sends a page that isn't zero. The guest may write it at any time, so what is sent is what was
   * looked at here.
   *
   * @param address unique among all blocks' pages
   */
  void page(long address, ByteBuffer memory, int at, Sender sender) throws IOException {
    memory.get(at, now);
    if (!cache.has(address, round)) {
      tally.missed();
      remember(address, now);
      sender.whole(ByteBuffer.wrap(now));
      return;
    }
    cache.get(address, before);
    int length = Xbzrle.encode(before, now, encoded);
    if (length == 0) {
      tally.skipped();
      return;
    }
    remember(address, now);
    if (length < 0) {
      tally.overflowed();
      sender.whole(ByteBuffer.wrap(now));
    } else {
      long nameBytes = sender.difference(ByteBuffer.wrap(encoded, 0, length));
      tally.sent(length, nameBytes);
    }
  }

  /** Pages that go as zeroes are zeroes on the other side. */
  void zeroes(long address, long pages) {
    for (long page = 0; page < pages; page++) {
      long at = address + (page << RamBlock.PAGE_SHIFT);
      if (cache.has(at, round)) {
        remember(at, ZEROES);
      }
    }
  }

  private void remember(long address, byte[] page) {
    if (remembers) {
      cache.put(address, page, round);
    }
  }

  public XbzrleCounters counters() {
    return tally.counters();
  }
}
