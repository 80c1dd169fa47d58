/**
 * Where a stream goes to or comes from: {@code exec:}, {@code fd:}, {@code unix:}, {@code tcp:},
 * {@code file:}.
 *
 * <p>Theory of operation. An {@link dev.dunlin.migration.channel.OutgoingChannel} has one writer,
 * the migration thread. {@code write} blocks until every byte is accepted; {@code finish} ends the
 * stream and returns only when the other side is known to have got it, as far as its kind can tell:
 * an {@code exec:} command must have read everything and exited with status 0, the reader of a pipe
 * or a unix socket must have read everything, the host of a TCP peer acknowledged it. {@code close}
 * lets everything go at once and kills nobody. Whoever wants the migration to end early triggers
 * the {@link dev.dunlin.migration.channel.AbortSignal}, which every blocking call of a channel also
 * waits for.
 *
 * <p>Sentences of failures are QEMU's where QEMU has one (io/channel-*.c, util/qemu-sockets.c).
 */
@NullMarked
package dev.dunlin.migration.channel;

import org.jspecify.annotations.NullMarked;
