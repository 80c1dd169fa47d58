/**
 * Forwards between host and guest: their rules as written on the command line, and the host's
 * listening sockets.
 */
@NullMarked
package dev.dunlin.slirp.forward;

import org.jspecify.annotations.NullMarked;
