/**
 * The human monitor: line editing, QEMU's argument grammar, its words.
 *
 * <p>Theory of operation. {@link dev.dunlin.core.monitor.hmp.HmpSession} is the frontend of one
 * character device. Bytes go through its line editor, which echoes; a finished line goes to the
 * {@link dev.dunlin.core.monitor.hmp.HmpInterpreter}, which finds the command, reads its arguments
 * by the command's grammar and calls it. The prompt returns when the command is over, which may be
 * later. Meanwhile, and while output waits for a slow reader, no input is read: what was read
 * already, at most one piece of 4 KiB, is kept. All of it on the loop thread.
 */
@NullMarked
package dev.dunlin.core.monitor.hmp;

import org.jspecify.annotations.NullMarked;
