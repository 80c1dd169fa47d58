/**
 * A user network as it goes along with its saved machine: {@link
 * dev.dunlin.slirp.saved.SavedNetwork} is the content, {@link dev.dunlin.slirp.saved.NetworkCodec}
 * its bytes. What comes in is a stranger's until it was checked whole; nothing is put in place
 * before.
 */
@NullMarked
package dev.dunlin.slirp.saved;

import org.jspecify.annotations.NullMarked;
