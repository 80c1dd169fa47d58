package dev.dunlin.migration.multifd;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One zstd frame for the whole connection, flushed at the end of each batch. Pages are copied. */
final class ZstdEncoder implements BatchEncoder {
  private final ZstdCompressCtx context = new ZstdCompressCtx();
  private final ByteBuffer pages = ByteBuffer.allocateDirect(PageBatch.MOST_BYTES);
  private final ByteBuffer data = ByteBuffer.allocateDirect(2 * PageBatch.MOST_BYTES);
  private final long address = NativeMemory.addressOf(data);

  ZstdEncoder(int level) {
    context.setLevel(level);
  }

  @Override
  public int encode(PageBatch batch, IoVectors vectors) throws IOException {
    batch.copyTo(pages.clear());
    pages.flip();
    data.clear();
    while (!context.compressDirectByteBufferStream(data, pages, EndDirective.FLUSH)) {
      if (!data.hasRemaining()) {
        throw new IOException("zstd made more of a batch than fits");
      }
    }
    vectors.add(address, data.position());
    return data.position();
  }

  @Override
  public void close() {
    context.close();
  }
}
