package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts page records: header word, the block's name when it changes, zero mark or bytes. */
final class PageRecords {
  private static final int WORD = 8;
  private static final int ZERO_RECORD = WORD + 1;

  /** What {@link #zeroRun} puts before the buffer is asked again for room. */
  private static final int ZERO_BATCH = 4096;

  private final StreamOutput out;
  private final Optional<PageLane> lane;
  private final RecentPages recent = new RecentPages();
  private @Nullable RamBlock last;
  private long bytes;
  private long zeroPages;
  private long normalPages;

  /**
   * @param lane where pages that aren't zero go, if not into the stream
   */
  PageRecords(StreamOutput out, Optional<PageLane> lane) {
    this.out = out;
    this.lane = lane;
  }

  /**
   * One page that isn't zero: 4 KiB of {@code memory} from {@code at}.
   *
   * @param inPlace the memory is the guest's own, not a buffer that is filled again
   */
  void page(RamBlock block, long offset, ByteBuffer memory, int at, boolean inPlace)
      throws IOException {
    normalPages++;
    if (lane.isPresent()) {
      lane.get().page(block, offset);
      return;
    }
    header(block, offset, RamFlags.PAGE);
    if (inPlace) {
      if (out.sendsByReference()) {
        recent.add(block, offset, out.position());
      }
      out.putMemory(memory, at, RamBlock.PAGE_SIZE);
    } else {
      out.putCopy(memory, at, RamBlock.PAGE_SIZE);
    }
    bytes += RamBlock.PAGE_SIZE;
  }

  /** Takes the pages just sent out of the count: they were sent before. */
  void uncount(long zero, long normal) {
    zeroPages -= zero;
    normalPages -= normal;
  }

  /** Pages sent by reference not long ago. */
  RecentPages recent() {
    return recent;
  }

  void zero(RamBlock block, long offset) throws IOException {
    header(block, offset, RamFlags.ZERO);
    out.putByte(0);
    bytes++;
    zeroPages++;
  }

  /**
   * {@code pages} zero pages in a row. Two GiB of untouched RAM are half a million of these, so
   * they are put straight into the staging buffer.
   */
  void zeroRun(RamBlock block, long offset, long pages) throws IOException {
    zero(block, offset);
    long word = offset + RamBlock.PAGE_SIZE | RamFlags.ZERO | RamFlags.CONTINUE;
    for (long left = pages - 1; left > 0; ) {
      int batch = (int) Math.min(left, ZERO_BATCH);
      ByteBuffer room = out.room(batch * ZERO_RECORD);
      int at = room.position();
      for (int i = 0; i < batch; i++) {
        room.putLong(at, word);
        room.put(at + WORD, (byte) 0);
        at += ZERO_RECORD;
        word += RamBlock.PAGE_SIZE;
      }
      room.position(at);
      left -= batch;
      bytes += (long) batch * ZERO_RECORD;
      zeroPages += batch;
    }
  }

  /** A page as its difference; returns the bytes of its header beyond the first word. */
  long difference(RamBlock block, long offset, ByteBuffer encoded) throws IOException {
    long before = bytes;
    header(block, offset, RamFlags.XBZRLE);
    long nameBytes = bytes - before - WORD;
    int length = encoded.remaining();
    out.putByte(RamFlags.ENCODING_XBZRLE);
    out.putByte(length >>> 8);
    out.putByte(length);
    out.putBuffer(encoded);
    bytes += 1 + 2 + length;
    return nameBytes;
  }

  /** The end of a section: nothing of it is under way any more. */
  void endSection() throws IOException {
    if (lane.isPresent()) {
      lane.get().sync();
    }
    out.putLong(RamFlags.EOS);
  }

  /** Bytes in the stream. */
  long bytes() {
    return bytes;
  }

  /** Bytes beside it. */
  long laneBytes() {
    return lane.isPresent() ? lane.get().bytes() : 0;
  }

  long zeroPages() {
    return zeroPages;
  }

  long normalPages() {
    return normalPages;
  }

  private void header(RamBlock block, long offset, int flag) throws IOException {
    if (block == last) {
      out.putLong(offset | flag | RamFlags.CONTINUE);
      bytes += WORD;
      return;
    }
    out.putLong(offset | flag);
    out.putCounted(block.idstr());
    bytes += WORD + 1 + block.idstr().getBytes(StandardCharsets.UTF_8).length;
    last = block;
  }
}
