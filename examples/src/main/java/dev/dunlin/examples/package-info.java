/**
 * How a VMM embeds Dunlin: its RAM stays where it is ({@link dev.dunlin.examples.BoardRam}), its
 * CPU thread polls a port between instructions and its registers are described field by field
 * ({@link dev.dunlin.examples.BoardVm}). That is all the adapter there is. {@link
 * dev.dunlin.examples.WireBoard} has a network card, {@link dev.dunlin.examples.NetBoard} a user
 * network behind it.
 */
@NullMarked
package dev.dunlin.examples;

import org.jspecify.annotations.NullMarked;
