package dev.dunlin.migration.channel;

import dev.dunlin.core.posix.IoVectors;
import java.io.IOException;

/** A pipe, or a socket by way of one, that takes memory by reference (vmsplice(2)). */
@FunctionalInterface
public interface ReferenceSink {
  /**
   * Sends what the vectors point at, in order, waiting as long as it must, and empties them. The
   * memory must stay in place, and what may change in it is the caller's affair, until the reader
   * has it.
   */
  void splice(IoVectors vectors) throws IOException;
}
