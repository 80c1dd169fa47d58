package dev.dunlin.migration.multifd;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;

/** Pages as they are. Like QEMU, it doesn't ask what the packet says of their size. */
final class PlainDecoder implements BatchDecoder {
  private final ByteBuffer pages = ByteBuffer.allocateDirect(PageBatch.MOST_BYTES);

  @Override
  public ByteBuffer decode(Source source, int count, int size) throws LoadException {
    source.fill(pages.clear().limit(count * RamBlock.PAGE_SIZE));
    return pages;
  }

  @Override
  public void close() {}
}
