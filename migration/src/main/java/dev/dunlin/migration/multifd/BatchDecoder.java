package dev.dunlin.migration.multifd;

import dev.dunlin.migration.stream.LoadException;
import java.nio.ByteBuffer;

/** Reads a batch's data. One for each connection, on its thread. */
interface BatchDecoder extends AutoCloseable {

  /** Reads exactly as many bytes as the buffer has room for, and flips it. */
  @FunctionalInterface
  interface Source {
    void fill(ByteBuffer into) throws LoadException;
  }

  /**
   * The pages' bytes one after the other, valid until the next call.
   *
   * @param size what the packet says of the data, unsigned and as wrong as can be
   */
  ByteBuffer decode(Source source, int pages, int size) throws LoadException;

  @Override
  void close();
}
