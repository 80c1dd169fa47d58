package dev.dunlin.migration.multifd;

import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * The head of what is sent at a time: which pages follow, and how. Bytes of its own; one thread.
 */
final class Packet {
  static final int BYTES = 320 + PageBatch.MOST * Long.BYTES;
  static final int FLAG_SYNC = 1;

  private static final int AT_FLAGS = 8;
  private static final int AT_ALLOCATED = 12;
  private static final int AT_PAGES = 16;
  private static final int AT_SIZE = 20;
  private static final int AT_NUMBER = 24;
  private static final int AT_BLOCK = 64;
  private static final int BLOCK_BYTES = 256;
  private static final int AT_OFFSETS = 320;

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.BIG_ENDIAN);

  /** All of it, to be sent or filled. */
  ByteBuffer bytes() {
    return bytes.clear();
  }

  // ---- sent ----

  /** Pages of a batch, whose data of {@code size} bytes follow. */
  void pages(PageBatch batch, int flags, int size, long number) {
    head(flags, batch.count(), size, number);
    byte[] name = batch.block().idstr().getBytes(StandardCharsets.UTF_8);
    bytes.put(AT_BLOCK, name);
    bytes.put(AT_BLOCK + name.length, new byte[BLOCK_BYTES - name.length]);
    for (int i = 0; i < batch.count(); i++) {
      bytes.putLong(AT_OFFSETS + i * Long.BYTES, batch.offset(i));
    }
  }

  /** No pages: a barrier. */
  void sync(long number) {
    head(FLAG_SYNC, 0, 0, number);
  }

  private void head(int flags, int pages, int size, long number) {
    bytes.putInt(0, Hello.MAGIC).putInt(4, Hello.VERSION).putInt(AT_FLAGS, flags);
    bytes.putInt(AT_ALLOCATED, PageBatch.MOST).putInt(AT_PAGES, pages).putInt(AT_SIZE, size);
    bytes.putLong(AT_NUMBER, number);
  }

  // ---- received ----

  /** Refuses what QEMU refuses, in its words. */
  void check() throws LoadException {
    if (bytes.getInt(0) != Hello.MAGIC) {
      throw LoadException.invalid(
          "multifd: received packet magic %x and expected magic %x"
              .formatted(bytes.getInt(0), Hello.MAGIC));
    }
    if (bytes.getInt(4) != Hello.VERSION) {
      throw LoadException.invalid(
          "multifd: received packet version %s and expected version %d"
              .formatted(Integer.toUnsignedString(bytes.getInt(4)), Hello.VERSION));
    }
    int allocated = bytes.getInt(AT_ALLOCATED);
    if (Integer.compareUnsigned(allocated, PageBatch.MOST) > 0) {
      throw LoadException.invalid(
          "multifd: received packet with size %s and expected a size of %d"
              .formatted(Integer.toUnsignedString(allocated), PageBatch.MOST));
    }
    if (Integer.compareUnsigned(pages(), allocated) > 0) {
      throw LoadException.invalid(
          "multifd: received packet with %s pages and expected maximum pages are %d"
              .formatted(Integer.toUnsignedString(pages()), allocated));
    }
  }

  boolean isSync() {
    return (bytes.getInt(AT_FLAGS) & FLAG_SYNC) != 0;
  }

  int flags() {
    return bytes.getInt(AT_FLAGS);
  }

  int pages() {
    return bytes.getInt(AT_PAGES);
  }

  /** Unsigned: bytes of data behind the packet. */
  int size() {
    return bytes.getInt(AT_SIZE);
  }

  /** The block that its pages belong to, which the target must have. */
  String block(RamTarget target) throws LoadException {
    byte[] name = new byte[BLOCK_BYTES - 1];
    bytes.get(AT_BLOCK, name);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    String block = new String(name, 0, length, StandardCharsets.UTF_8);
    if (target.length(block).isEmpty()) {
      throw LoadException.invalid("multifd: unknown ram block " + block);
    }
    return block;
  }

  /** Where a page goes: a whole page of the block. */
  long offset(int index, OptionalLong length) throws LoadException {
    long offset = bytes.getLong(AT_OFFSETS + index * Long.BYTES);
    long last = length.orElse(0) - RamBlock.PAGE_SIZE;
    if (Long.compareUnsigned(offset, last) > 0 || offset % RamBlock.PAGE_SIZE != 0) {
      throw LoadException.invalid(
          "multifd: offset too long %s (max %x)"
              .formatted(Long.toUnsignedString(offset), length.orElse(0)));
    }
    return offset;
  }
}
