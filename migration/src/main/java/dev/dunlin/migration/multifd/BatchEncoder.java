package dev.dunlin.migration.multifd;

import dev.dunlin.core.posix.IoVectors;
import java.io.IOException;

/** Makes a batch's data. One for each connection, on its thread. */
interface BatchEncoder extends AutoCloseable {

  /**
   * Adds the data to what is about to be sent, and says how many bytes they are. They stay in place
   * until the next call.
   */
  int encode(PageBatch batch, IoVectors vectors) throws IOException;

  @Override
  void close();
}
