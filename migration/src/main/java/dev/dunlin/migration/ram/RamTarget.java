package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.LoadException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Where loaded pages go. Staged, so that a stream which turns out bad half way leaves the machine
 * as it was. Offsets have been checked against {@link #length}.
 */
public interface RamTarget {

  /**
   * A block that the stream lists; refused when it can't be taken.
   *
   * @param length in bytes, as the stream has it
   * @param address where the block begins in guest-physical memory; only streams that leave shared
   *     blocks out say it
   */
  void declare(String idstr, long length, OptionalLong address) throws LoadException;

  /**
   * Whether a block can be called so: a name that isn't UTF-8 can't be told from others like it.
   */
  static boolean isName(String idstr) {
    return !idstr.isEmpty() && idstr.indexOf('\ufffd') < 0;
  }

  /** The block's length in bytes, or empty when there is no such block. */
  OptionalLong length(String idstr);

  /** One page of {@code page.remaining()} bytes. */
  void page(String idstr, long offset, ByteBuffer page) throws LoadException;

  /** One page of {@code fill} bytes throughout. */
  void fill(String idstr, long offset, byte fill) throws LoadException;

  /**
   * One page as the difference to what the block has there now: {@link Xbzrle#decode}.
   *
   * @param encoded at most a page long
   */
  void xbzrle(String idstr, long offset, ByteBuffer encoded) throws LoadException;

  /** A compressed page follows; refused unless the target can do something with it. */
  default void expectCompressed() throws LoadException {
    throw LoadException.invalid("Received an unexpected compressed page");
  }

  /** One page, compressed by zlib. */
  default void compressed(String idstr, long offset, ByteBuffer deflated) throws LoadException {}
}
