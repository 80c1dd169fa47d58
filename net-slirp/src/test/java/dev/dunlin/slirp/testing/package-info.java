/** A guest made of packets, and time moved by assignment. */
@NullMarked
package dev.dunlin.slirp.testing;

import org.jspecify.annotations.NullMarked;
