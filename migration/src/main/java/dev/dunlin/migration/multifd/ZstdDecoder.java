package dev.dunlin.migration.multifd;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;

/**
 * One zstd frame for the whole connection, whose window must be no larger than a level asks for.
 */
final class ZstdDecoder implements BatchDecoder {
  private final int channel;
  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private final CompressedData data;
  private final ByteBuffer pages = ByteBuffer.allocateDirect(PageBatch.MOST_BYTES + 1);
  private boolean begun;

  ZstdDecoder(int channel) {
    this.channel = channel;
    this.data = new CompressedData(channel);
  }

  @Override
  public ByteBuffer decode(Source source, int count, int size) throws LoadException {
    ByteBuffer compressed = data.read(source, size);
    if (!begun) {
      begun = true;
      checkWindow(compressed);
    }
    int expected = count * RamBlock.PAGE_SIZE;
    pages.clear().limit(expected + 1);
    try {
      int moved;
      do {
        moved = pages.position() + compressed.position();
        if (context.decompressDirectByteBufferStream(pages, compressed)) {
          throw LoadException.invalid("multifd %d: the zstd frame ended".formatted(channel));
        }
      } while (pages.position() + compressed.position() > moved);
    } catch (ZstdException e) {
      throw LoadException.invalid(
          "multifd %d: decompressStream returned %s".formatted(channel, e.getMessage()));
    }
    data.checkOutput(pages.position(), expected);
    return pages.flip();
  }

  private void checkWindow(ByteBuffer compressed) throws LoadException {
    if (!ZstdFrame.isWithin(compressed)) {
      throw LoadException.invalid(
          "multifd %d: decompressStream returned Frame requires too much memory for decoding"
              .formatted(channel));
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
