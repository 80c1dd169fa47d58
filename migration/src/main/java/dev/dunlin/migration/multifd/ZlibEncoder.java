package dev.dunlin.migration.multifd;

import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * One zlib stream for the whole connection, flushed at the end of each batch. Pages are copied
 * first: one that changed meanwhile could become something that doesn't inflate.
 */
final class ZlibEncoder implements BatchEncoder {
  private final Deflater deflater;
  private final ByteBuffer pages = ByteBuffer.allocateDirect(PageBatch.MOST_BYTES);

  /** QEMU's receiver takes twice the pages; deflate never makes more than a little above once. */
  private final ByteBuffer data = ByteBuffer.allocateDirect(2 * PageBatch.MOST_BYTES);

  private final long address = NativeMemory.addressOf(data);

  ZlibEncoder(int level) {
    deflater = new Deflater(level);
  }

  @Override
  public int encode(PageBatch batch, IoVectors vectors) throws IOException {
    batch.copyTo(pages.clear());
    deflater.setInput(pages.flip());
    data.clear();
    while (deflater.deflate(data, Deflater.SYNC_FLUSH) > 0 && data.hasRemaining()) {
      // What is left of the batch.
    }
    if (!deflater.needsInput()) {
      throw new IOException("zlib made more of a batch than fits");
    }
    vectors.add(address, data.position());
    return data.position();
  }

  @Override
  public void close() {
    deflater.end();
  }
}
