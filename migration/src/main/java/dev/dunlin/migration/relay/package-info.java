/**
 * A stop between two QEMUs: a guest comes in, is held, and goes on.
 *
 * <p>Theory of operation. A relay has no machine of its own. Its RAM takes the blocks that the
 * stream lists, within the bound of {@code -m}; all other state is kept as it came, byte for byte,
 * in a {@link dev.dunlin.migration.relay.HeldGuest}. What goes out again is therefore what came in,
 * but for the records of RAM, which are written anew from the memory that users may look at and
 * change meanwhile. The run state that the source had is among the device sections ({@code
 * globalstate}), so the next machine goes on as the first one was.
 */
@NullMarked
package dev.dunlin.migration.relay;

import org.jspecify.annotations.NullMarked;
