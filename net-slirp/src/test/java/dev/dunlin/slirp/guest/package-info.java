/**
 * A real guest: the kernel of a network namespace behind a TAP device, with real clients in it. The
 * host's side is a second namespace, in which the network's own thread lives, so that nothing here
 * touches the machine's network.
 */
@NullMarked
package dev.dunlin.slirp.guest;

import org.jspecify.annotations.NullMarked;
