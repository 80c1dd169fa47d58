package dev.dunlin.ram;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A sparse file in memory (or on disk) behind one {@link MappedRam}. What needs a native call hides
 * here, so that ram-model has none of its own.
 *
 * <p>Any thread. Every method but {@link #close} throws {@link IllegalStateException} once closed.
 */
public interface RamFile extends AutoCloseable {

  /**
   * Maps {@code length} bytes from {@code offset}, shared and writable. The mapping outlives {@link
   * #close} until the buffer is collected, and must never fault: a file that is being closed keeps
   * its size.
   */
  ByteBuffer map(long offset, int length) throws IOException;

  /**
   * Whether nobody else can see this file, so that another may take its place with the same bytes.
   */
  default boolean isAnonymous() {
    return false;
  }

  /**
   * Told before bytes are written through a mapping, for files that can't ask their system which
   * parts are allocated.
   */
  default void touching(long offset, long length) {}

  /**
   * The first offset at or after {@code from} that may hold data, or the file's length;
   * lseek(SEEK_DATA).
   */
  long nextData(long from);

  /**
   * The first offset at or after {@code from} that is a hole, or the file's length;
   * lseek(SEEK_HOLE).
   */
  long nextHole(long from);

  /**
   * Turns the range into a hole that reads as zero and holds no memory. False when this file can't:
   * the caller then writes zeroes.
   */
  boolean punchHole(long offset, long length);

  /**
   * Gives the memory back at once where the system allows that, else when the last mapping is
   * collected. Idempotent.
   */
  @Override
  void close();
}
