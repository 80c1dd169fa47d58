package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/** One thing in which two streams aren't alike. */
public sealed interface Difference {

  /**
   * Something that both have, or one of them.
   *
   * @param where {@code machine}, {@code block pc.ram length}, {@code device fdc 0 version}
   * @param left what the first has; empty: it has none
   */
  record Value(String where, Optional<String> left, Optional<String> right) implements Difference {}

  /**
   * A block's content.
   *
   * @param pages how many differ
   * @param total how many the block has
   */
  record Pages(String block, long pages, long total, ImmutableList<PageRange> ranges)
      implements Difference {}

  /** A field of a device that both describe alike. */
  record Field(String device, FieldValue left, FieldValue right) implements Difference {}

  /**
   * A device's bytes, where nothing says what they are.
   *
   * @param first offset of the first byte that differs
   * @param bytes how many differ, if both are equally long
   */
  record Bytes(String device, int left, int right, int first, long bytes) implements Difference {}
}
