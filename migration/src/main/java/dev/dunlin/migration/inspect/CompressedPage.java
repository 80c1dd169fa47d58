package dev.dunlin.migration.inspect;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A page that capability {@code compress} made smaller: a zlib stream of its own. */
final class CompressedPage {
  private CompressedPage() {}

  /** The page's 4096 bytes; anything else is refused. */
  static ByteBuffer inflate(ByteBuffer deflated) throws LoadException {
    Inflater inflater = new Inflater();
    ByteBuffer page = ByteBuffer.allocate(RamBlock.PAGE_SIZE);
    try {
      inflater.setInput(deflated);
      while (page.hasRemaining() && inflater.inflate(page) > 0) {
        // One call may stop short of the end.
      }
    } catch (DataFormatException e) {
      throw LoadException.invalid("decompress data failed");
    } finally {
      inflater.end();
    }
    if (page.hasRemaining()) {
      throw LoadException.invalid("decompress data failed");
    }
    return page.flip();
  }
}
