package dev.dunlin.migration.channel;

import dev.dunlin.core.posix.IoVectors;
import java.io.IOException;

/** A descriptor that copies memory from where it lies (writev(2)). */
@FunctionalInterface
public interface GatheringSink {
  /**
   * Sends what the vectors point at, in order, waiting as long as it must, and empties them. When
   * this returns the memory was copied and may change or go.
   */
  void write(IoVectors vectors) throws IOException;
}
