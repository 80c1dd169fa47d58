package dev.dunlin.ram;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The bytes behind one RAM block. Dunlin ships {@link HeapRam} (tests, small ROMs) and {@code
 * MappedRam} (real guests); a VMM that has RAM of its own implements this over it, so the RAM stays
 * where it is.
 *
 * <p>Any thread may call; concurrent access to the same bytes is as racy as it is for a guest's
 * CPUs. Offsets and lengths outside {@code [0, length())} throw {@link IndexOutOfBoundsException}:
 * they are a bug of the caller, never guest input.
 */
public interface RamBacking extends AutoCloseable {

  /** Size in bytes; never changes. */
  long length();

  /** Copies {@code dst.remaining()} bytes that start at {@code offset} into {@code dst}. */
  void read(long offset, ByteBuffer dst);

  /** Copies {@code src.remaining()} bytes to {@code offset}. Does not touch any dirty log. */
  void write(long offset, ByteBuffer src);

  /**
   * Makes a range read as zero again, giving the memory back to the host where that is possible.
   */
  void discard(long offset, long length);

  /**
   * The first offset at or after {@code from} that may hold anything but zero, or {@link #length()}
   * when there is none. Never-touched memory is skipped without reading it; the answer may be too
   * early, never too late.
   */
  default long nextTouched(long from) {
    return from;
  }

  /**
   * The first offset at or after {@code from} that is certainly untouched, or {@link #length()}:
   * the end of the extent that {@link #nextTouched} found. May be too late, never too early.
   */
  default long nextUntouched(long from) {
    return length();
  }

  /**
   * A direct view of {@code length} bytes (at most 1 GiB) in the host's byte order, sharing the
   * memory, or empty when this backing has no flat memory there. Valid until {@link #close()}.
   */
  default Optional<ByteBuffer> window(long offset, int length) {
    return Optional.empty();
  }

  /** Releases the memory. Reading or writing afterwards throws {@link IllegalStateException}. */
  @Override
  void close();
}
