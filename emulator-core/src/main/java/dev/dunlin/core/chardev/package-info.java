/**
 * Character devices: byte streams that a monitor talks over.
 *
 * <p>Theory of operation. A {@link dev.dunlin.core.chardev.Chardev} has an id, a name for {@code
 * info chardev}, and at most one {@link dev.dunlin.core.chardev.Chardev.Frontend}, which hears when
 * somebody is there, what they send, and when they are gone. Socket servers serve one client at a
 * time, as QEMU's do; the next one waits in the kernel's queue. All of it happens on the loop
 * thread and nothing blocks.
 *
 * <p>Bounds. Input is read in pieces of 4 KiB and only while the frontend wants it. Output that the
 * other side doesn't take is queued; a frontend that sees {@link
 * dev.dunlin.core.chardev.Chardev#isCongested} stops reading commands until it has drained, so a
 * client that never reads costs one command's output and no more.
 */
@NullMarked
package dev.dunlin.core.chardev;

import org.jspecify.annotations.NullMarked;
