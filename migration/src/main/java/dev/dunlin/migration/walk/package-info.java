/**
 * A stream without a machine: {@link dev.dunlin.migration.walk.StreamWalker} reads any stream of
 * QEMU's or Dunlin's, from a pipe too, and tells a {@link dev.dunlin.migration.walk.StreamVisitor}
 * what it meets. Pages pass by one at a time; only the devices' state is held, within a bound.
 */
@NullMarked
package dev.dunlin.migration.walk;

import org.jspecify.annotations.NullMarked;
