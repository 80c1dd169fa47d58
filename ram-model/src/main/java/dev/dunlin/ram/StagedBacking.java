package dev.dunlin.ram;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * One block of a {@link StagedRam}. A page is in one of three states: the guest's (not mentioned),
 * zero (mentioned, no data), or data in {@code bytes}. Threads may load different pages at once.
 */
final class StagedBacking implements RamBacking {
  private static final int PAGE_SIZE = RamBlock.PAGE_SIZE;
  private static final int PAGE_SHIFT = RamBlock.PAGE_SHIFT;

  /** Applied in steps, each given back at once, so that both copies never exist in full. */
  private static final int STEP = 4 << 20;

  private final RamBacking guest;
  private final MappedRam bytes;
  private final DirtyBitmap mentioned;
  private final DirtyBitmap data;

  StagedBacking(RamBacking guest, MappedRam bytes) {
    this.guest = guest;
    this.bytes = bytes;
    this.mentioned = new DirtyBitmap(guest.length(), PAGE_SHIFT);
    this.data = new DirtyBitmap(guest.length(), PAGE_SHIFT);
  }

  @Override
  public long length() {
    return bytes.length();
  }

  @Override
  public void read(long offset, ByteBuffer dst) {
    Objects.checkFromIndexSize(offset, dst.remaining(), length());
    int limit = dst.limit();
    for (long at = offset; dst.position() < limit; ) {
      int part = (int) Math.min(limit - dst.position(), pageEnd(at) - at);
      dst.limit(dst.position() + part);
      readPart(at, dst);
      dst.limit(limit);
      at += part;
    }
  }

  private void readPart(long offset, ByteBuffer dst) {
    long page = offset >>> PAGE_SHIFT;
    if (data.isDirty(page)) {
      bytes.read(offset, dst);
    } else if (mentioned.isDirty(page)) {
      while (dst.hasRemaining()) {
        dst.put((byte) 0);
      }
    } else {
      guest.read(offset, dst);
    }
  }

  @Override
  public void write(long offset, ByteBuffer src) {
    long end = offset + src.remaining();
    Objects.checkFromToIndex(offset, end, length());
    fillEdges(offset, end);
    bytes.write(offset, src);
    markData(offset, end);
  }

  /** Reads as zero from now on; whole pages cost nothing, even ones that held data. */
  @Override
  public void discard(long offset, long count) {
    long end = offset + count;
    Objects.checkFromToIndex(offset, end, length());
    long firstWhole = (offset + PAGE_SIZE - 1) >>> PAGE_SHIFT;
    long endWhole = end >>> PAGE_SHIFT;
    if (firstWhole >= endWhole) {
      zeroWithinPages(offset, end);
      return;
    }
    zeroWithinPages(offset, firstWhole << PAGE_SHIFT);
    mentioned.markPages(firstWhole, endWhole);
    data.clearPages(firstWhole, endWhole);
    zeroWithinPages(endWhole << PAGE_SHIFT, end);
  }

  private void zeroWithinPages(long offset, long end) {
    if (offset < end) {
      write(offset, ByteBuffer.allocate((int) (end - offset)));
    }
  }

  /** A page that is written in part keeps the rest of what it reads as now. */
  private void fillEdges(long offset, long end) {
    if (offset % PAGE_SIZE != 0) {
      fill(offset >>> PAGE_SHIFT);
    }
    if (end % PAGE_SIZE != 0) {
      fill(end >>> PAGE_SHIFT);
    }
  }

  private void fill(long page) {
    if (!data.isDirty(page)) {
      ByteBuffer old = ByteBuffer.allocate(PAGE_SIZE);
      readPart(page << PAGE_SHIFT, old);
      bytes.write(page << PAGE_SHIFT, old.flip());
      markData(page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
    }
  }

  private void markData(long offset, long end) {
    data.mark(offset, end - offset);
    mentioned.mark(offset, end - offset);
  }

  /** Makes {@code target} equal to this: by exchange where that moves less, else page by page. */
  void applyTo(RamBlock target) {
    if (guest instanceof MappedRam memory
        && memory.canBecome(bytes)
        && keptPages() <= data.count()) {
      exchange(target, memory);
    } else {
      mentioned.harvest((first, count) -> applyRun(target, first, first + count));
    }
  }

  /**
   * A live migration's downtime must not grow with the guest's size, so the guest gets the very
   * memory that was loaded; first it is completed with what the stream didn't mention.
   */
  private void exchange(RamBlock target, MappedRam memory) {
    for (long page = 0; page < mentioned.pages(); ) {
      long start = mentioned.nextDirty(page);
      keep(page << PAGE_SHIFT, start << PAGE_SHIFT);
      page = mentioned.nextClean(start);
      dropStale(start, page);
    }
    memory.become(bytes);
    mentioned.harvest((first, count) -> target.markDirty(first << PAGE_SHIFT, count << PAGE_SHIFT));
  }

  /** How many pages of the guest's own an exchange would have to copy. */
  private long keptPages() {
    long kept = 0;
    for (long page = 0; page < mentioned.pages(); ) {
      long end = mentioned.nextDirty(page) << PAGE_SHIFT;
      for (long at = guest.nextTouched(page << PAGE_SHIFT); at < end; at = guest.nextTouched(at)) {
        long until = Math.min(end, guest.nextUntouched(at));
        kept += (until - at + PAGE_SIZE - 1) >>> PAGE_SHIFT;
        at = until;
      }
      page = mentioned.nextClean(end >>> PAGE_SHIFT);
    }
    return kept;
  }

  private void keep(long offset, long end) {
    ByteBuffer buffer = ByteBuffer.allocate(16 * PAGE_SIZE);
    for (long at = guest.nextTouched(offset); at < end; at = guest.nextTouched(at)) {
      long until = Math.min(end, guest.nextUntouched(at));
      while (at < until) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), until - at));
        guest.read(at, buffer);
        bytes.write(at, buffer.flip());
        at += buffer.limit();
      }
    }
  }

  /** A page that was loaded with data and later as zero still has the data. */
  private void dropStale(long first, long end) {
    for (long page = data.nextClean(first); page < end; page = data.nextClean(page)) {
      long zeroEnd = Math.min(end, data.nextDirty(page));
      long limit = zeroEnd << PAGE_SHIFT;
      for (long at = bytes.nextTouched(page << PAGE_SHIFT);
          at < limit;
          at = bytes.nextTouched(at)) {
        long until = Math.min(limit, bytes.nextUntouched(at));
        bytes.discard(at, until - at);
        at = until;
      }
      page = zeroEnd;
    }
  }

  private void applyRun(RamBlock target, long first, long end) {
    for (long page = first; page < end; ) {
      long dataStart = Math.min(end, data.nextDirty(page));
      zero(target, page << PAGE_SHIFT, dataStart << PAGE_SHIFT);
      long dataEnd = Math.min(end, data.nextClean(dataStart));
      copy(target, dataStart << PAGE_SHIFT, dataEnd << PAGE_SHIFT);
      page = dataEnd;
    }
  }

  /** Only what the guest ever touched has to be zeroed. */
  private void zero(RamBlock target, long offset, long end) {
    for (long at = guest.nextTouched(offset); at < end; at = guest.nextTouched(at)) {
      long until = Math.min(end, guest.nextUntouched(at));
      target.discard(at, until - at);
      at = until;
    }
  }

  private void copy(RamBlock target, long offset, long end) {
    for (long at = offset; at < end; ) {
      long windowEnd = ((at >>> 30) + 1) << 30;
      int step = (int) Math.min(Math.min(end, windowEnd) - at, STEP);
      target.write(at, bytes.window(at, step).orElseThrow());
      bytes.discard(at, step);
      at += step;
    }
  }

  /** None: a page written behind our back could not be told from the guest's. */
  @Override
  public Optional<ByteBuffer> window(long offset, int count) {
    return Optional.empty();
  }

  @Override
  public void close() {
    bytes.close();
  }

  private static long pageEnd(long offset) {
    return (offset | (PAGE_SIZE - 1)) + 1;
  }
}
