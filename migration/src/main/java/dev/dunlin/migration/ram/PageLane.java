package dev.dunlin.migration.ram;

import dev.dunlin.ram.RamBlock;
import java.io.IOException;

/**
 * Takes the pages that aren't zero off the stream and sends them on connections of its own (QEMU's
 * multifd). Migration thread.
 */
public interface PageLane {

  /** One page; when it is read is the lane's affair, but before {@link #sync} returns. */
  void page(RamBlock block, long offset) throws IOException;

  /**
   * At the end of each RAM section: what was handed over so far comes before what the stream has
   * after that end.
   */
  void sync() throws IOException;

  /** Bytes sent beside the stream so far. */
  long bytes();
}
