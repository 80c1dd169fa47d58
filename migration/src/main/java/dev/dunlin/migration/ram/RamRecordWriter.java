package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.StreamOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * Puts the records of RAM sections for somebody who has them from another stream: by name, one by
 * one. ({@link RamSaver} is for those who have the RAM.) One thread.
 */
public final class RamRecordWriter {
  private final StreamOutput out;
  private String last = "";

  public RamRecordWriter(StreamOutput out) {
    this.out = out;
  }

  /** A block of the list. */
  public record Block(String idstr, long length, OptionalLong address) {}

  /** The list of blocks; the addresses are all there or none is. */
  public void blockList(List<Block> blocks) throws IOException {
    long total = blocks.stream().mapToLong(Block::length).sum();
    out.putLong(total | RamFlags.MEM_SIZE);
    for (Block block : blocks) {
      out.putCounted(block.idstr());
      out.putLong(block.length());
      if (block.address().isPresent()) {
        out.putLong(block.address().getAsLong());
      }
    }
  }

  public void page(String block, long offset, ByteBuffer page) throws IOException {
    header(block, offset, RamFlags.PAGE);
    put(page);
  }

  public void fill(String block, long offset, byte fill) throws IOException {
    header(block, offset, RamFlags.ZERO);
    out.putByte(fill);
  }

  /** A difference; QEMU before 1.2 doesn't know it. */
  public void xbzrle(String block, long offset, ByteBuffer encoded) throws IOException {
    header(block, offset, RamFlags.XBZRLE);
    out.putByte(RamFlags.ENCODING_XBZRLE);
    out.putByte(encoded.remaining() >> 8);
    out.putByte(encoded.remaining());
    put(encoded);
  }

  /** A page that zlib compressed; QEMU before 2.4 doesn't know it. */
  public void compressed(String block, long offset, ByteBuffer deflated) throws IOException {
    header(block, offset, RamFlags.COMPRESS_PAGE);
    out.putInt(deflated.remaining());
    put(deflated);
  }

  /** The end of a START's, PART's or END's content. */
  public void endOfSection() throws IOException {
    out.putLong(RamFlags.EOS);
  }

  private void put(ByteBuffer bytes) throws IOException {
    out.putCopy(bytes, bytes.position(), bytes.remaining());
  }

  private void header(String block, long offset, int flag) throws IOException {
    if (block.equals(last)) {
      out.putLong(offset | flag | RamFlags.CONTINUE);
    } else {
      out.putLong(offset | flag);
      out.putCounted(block);
      last = block;
    }
  }
}
