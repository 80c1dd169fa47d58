package dev.dunlin.migration.multifd;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** One zlib stream for the whole connection. */
final class ZlibDecoder implements BatchDecoder {
  private final int channel;
  private final Inflater inflater = new Inflater();
  private final CompressedData data;

  /** A byte more than the pages: what comes too much shows, and a flush's last bits are taken. */
  private final ByteBuffer pages = ByteBuffer.allocateDirect(PageBatch.MOST_BYTES + 1);

  ZlibDecoder(int channel) {
    this.channel = channel;
    this.data = new CompressedData(channel);
  }

  @Override
  public ByteBuffer decode(Source source, int count, int size) throws LoadException {
    inflater.setInput(data.read(source, size));
    int expected = count * RamBlock.PAGE_SIZE;
    pages.clear().limit(expected + 1);
    try {
      while (pages.hasRemaining() && inflater.inflate(pages) > 0) {
        // What is left of the batch.
      }
    } catch (DataFormatException e) {
      throw LoadException.invalid(
          "multifd %d: inflate failed: %s".formatted(channel, e.getMessage()));
    }
    data.checkOutput(pages.position(), expected);
    return pages.flip();
  }

  @Override
  public void close() {
    inflater.end();
  }
}
