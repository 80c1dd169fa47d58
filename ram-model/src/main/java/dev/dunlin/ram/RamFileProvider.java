package dev.dunlin.ram;

import java.io.IOException;

/**
 * Where {@link MappedRam} gets its files: memfd_create(2) on Linux (core's {@code posix} package),
 * {@link NioRamFiles} anywhere, or an embedder's own shared memory. Any thread.
 */
@FunctionalInterface
public interface RamFileProvider {

  /**
   * A new file of {@code length} bytes, all hole.
   *
   * @param name the block's idstr, for whoever lists the process's mappings
   */
  RamFile create(String name, long length) throws IOException;
}
