/**
 * Streams of strangers: every reader of migration's ({@link
 * dev.dunlin.migration.hostile.StreamTarget}), good streams for each, what is made of them, and two
 * tests that let one loose on the other.
 */
@NullMarked
package dev.dunlin.migration.hostile;

import org.jspecify.annotations.NullMarked;
