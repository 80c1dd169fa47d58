/** {@code smb=}: the host's directory that the guest sees as a Windows share. */
@NullMarked
package dev.dunlin.slirp.smb;

import org.jspecify.annotations.NullMarked;
