package dev.dunlin.migration.walk;

import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionHeader;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * What is in a stream, in its order, on the walker's thread. Buffers are valid during the call
 * only. Throwing a {@link LoadException} ends the walk.
 *
 * <pre>
 *   configuration?
 *   { begins, content, ends }*     live sections: ram, block, dirty-bitmap
 *   devices                        all FULL sections, once
 * </pre>
 */
public interface StreamVisitor {

  /** The CONFIGURATION section; streams of old machines have none. */
  default void configuration(Configuration configuration) throws LoadException {}

  /**
   * A START, PART or END whose content follows.
   *
   * @param position of its first byte in the stream
   */
  default void begins(SectionHeader section, long position) {}

  /**
   * Its end.
   *
   * @param position behind its footer, if the stream has those
   */
  default void ends(SectionHeader section, long position) {}

  /**
   * A block of the list in {@code ram}'s START.
   *
   * @param address where it begins in guest-physical memory; only said by streams that leave shared
   *     blocks out
   */
  default void block(String idstr, long length, OptionalLong address) throws LoadException {}

  /** A page of 4096 bytes. */
  default void page(String block, long offset, ByteBuffer page) throws LoadException {}

  /** A page of {@code fill} bytes throughout; zero, but in streams of very old QEMUs. */
  default void fill(String block, long offset, byte fill) throws LoadException {}

  /** A page as difference to its last content: {@link dev.dunlin.migration.ram.Xbzrle#decode}. */
  default void xbzrle(String block, long offset, ByteBuffer encoded) throws LoadException {}

  /** A page that zlib compressed. */
  default void compressed(String block, long offset, ByteBuffer deflated) throws LoadException {}

  /**
   * A chunk of a disk ({@code migrate -b}).
   *
   * @param sector of 512 bytes, where the chunk begins
   * @param zero whether it is all zero, and so not in the stream; 1 MiB otherwise
   */
  default void disk(String device, long sector, boolean zero) throws LoadException {}

  /** A disk's dirty bitmap is named. */
  default void dirtyBitmap(String name) {}

  /**
   * A command to the destination (QEMU migration/savevm.h, MIG_CMD_*), which nobody carries out.
   */
  default void command(int command, byte[] data) throws LoadException {}

  /** All device sections and the description. */
  default void devices(DeviceSections devices) throws LoadException {}
}
