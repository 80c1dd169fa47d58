package dev.dunlin.migration.ram;

import dev.dunlin.ram.RamBacking;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.ZeroPages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the pages of one block, run by run. Memory that was never touched is known to be zero
 * without a look; the rest is read through windows over it, or copied where the backing has no flat
 * memory.
 */
final class BlockSaver {
  private static final int PAGE_SIZE = RamBlock.PAGE_SIZE;
  private static final int PAGE_SHIFT = RamBlock.PAGE_SHIFT;

  /**
   * Pages looked at between two questions whether to go on. No window is larger, so none reaches
   * into memory that nobody touched, where reading would allocate it. A power of two: windows never
   * cross a multiple of 1 GiB.
   */
  private static final int BATCH = 16;

  /** Untouched pages between two questions; each is 9 bytes of stream. */
  private static final int ZERO_BATCH = 8192;

  private final RamBlock block;
  private final PageRecords records;
  private final SendBitmap pending;
  private final long base;
  private Optional<Differences> differences = Optional.empty();
  private long position;
  private long touchedStart;
  private long touchedEnd;
  private @Nullable ByteBuffer copy;

  /**
   * @param base sum of the lengths of the blocks before, which makes a page's address unique
   */
  BlockSaver(RamBlock block, long base, PageRecords records) {
    this.base = base;
    this.block = block;
    this.records = records;
    this.pending = new SendBitmap(block.pages());
  }

  /** Sends pages that come again as what differs. */
  void useDifferences(Differences what) {
    differences = Optional.of(what);
  }

  RamBlock block() {
    return block;
  }

  long remaining() {
    return pending.count();
  }

  void markAll() {
    pending.setAll();
  }

  void markDirty(long offset, long length) {
    if (length > 0) {
      pending.set(offset >>> PAGE_SHIFT, ((offset + length - 1) >>> PAGE_SHIFT) + 1);
    }
  }

  /**
   * Sends from where it stopped to the block's end. False when {@code pause} said so first: the
   * next call goes on from there.
   */
  boolean send(BooleanSupplier pause) throws IOException {
    while (true) {
      long first = pending.nextSet(position);
      if (first == pending.pages()) {
        position = 0;
        return true;
      }
      position = first;
      if (pause.getAsBoolean()) {
        return false;
      }
      position = sendStart(first, pending.nextClear(first));
    }
  }

  /** Sends one page, whether it is pending or not. */
  void sendAgain(long offset) throws IOException {
    sendTouched(offset, PAGE_SIZE);
  }

  /** Sends the start of the run [first, end) and returns the page after what it sent. */
  private long sendStart(long first, long end) throws IOException {
    long touched = nextTouched(first);
    if (touched > first) {
      long stop = Math.min(Math.min(touched, end), first + ZERO_BATCH);
      pending.clear(first, stop);
      sendZeroes(first << PAGE_SHIFT, stop - first);
      return stop;
    }
    long stop = Math.min(Math.min(end, touchedEnd), (first | (BATCH - 1)) + 1);
    pending.clear(first, stop);
    sendTouched(first << PAGE_SHIFT, (int) (stop - first) << PAGE_SHIFT);
    return stop;
  }

  /**
   * The first page at or after {@code first} that needs a look. What was touched stays touched, so
   * inside the extent found last the backing isn't asked again.
   */
  private long nextTouched(long first) {
    if (first >= touchedStart && first < touchedEnd) {
      return first;
    }
    RamBacking backing = block.backing();
    long from = backing.nextTouched(first << PAGE_SHIFT);
    if (from < block.length()) {
      touchedStart = from >>> PAGE_SHIFT;
      touchedEnd =
          Math.max((backing.nextUntouched(from) + PAGE_SIZE - 1) >>> PAGE_SHIFT, touchedStart + 1);
    }
    return from >>> PAGE_SHIFT;
  }

  private void sendTouched(long offset, int length) throws IOException {
    Optional<ByteBuffer> window = block.backing().window(offset, length);
    ByteBuffer memory = window.isPresent() ? window.get() : copied(offset, length);
    boolean anew = differences.isPresent() && differences.get().isOn();
    for (int at = 0; at < length; at += PAGE_SIZE) {
      // Almost every page that isn't zero shows it in its first word.
      if (memory.getLong(at) == 0 && ZeroPages.isZeroPage(memory, at)) {
        sendZeroes(offset + at, 1);
      } else if (anew) {
        sendAnew(differences.get(), offset + at, memory, at);
      } else {
        records.page(block, offset + at, memory, at, window.isPresent());
      }
    }
  }

  private void sendZeroes(long offset, long pages) throws IOException {
    if (pages == 1) {
      records.zero(block, offset);
    } else {
      records.zeroRun(block, offset, pages);
    }
    if (differences.isPresent() && differences.get().isOn()) {
      differences.get().zeroes(base + offset, pages);
    }
  }

  /** A page that may have been sent before. */
  private void sendAnew(Differences with, long offset, ByteBuffer memory, int at)
      throws IOException {
    with.page(
        base + offset,
        memory,
        at,
        new Differences.Sender() {
          @Override
          public void whole(ByteBuffer page) throws IOException {
            records.page(block, offset, page, 0, false);
          }

          @Override
          public long difference(ByteBuffer encoded) throws IOException {
            return records.difference(block, offset, encoded);
          }
        });
  }

  private ByteBuffer copied(long offset, int length) {
    ByteBuffer into = copy;
    if (into == null) {
      into = ByteBuffer.allocateDirect(BATCH * PAGE_SIZE).order(ByteOrder.nativeOrder());
      copy = into;
    }
    block.read(offset, into.clear().limit(length));
    return into.clear();
  }
}
