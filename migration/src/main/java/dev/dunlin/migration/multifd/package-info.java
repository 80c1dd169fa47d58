/**
 * QEMU's multifd: pages that aren't zero travel on connections of their own, beside the stream
 * (QEMU 7.2, migration/multifd.c).
 *
 * <pre>
 *   hello    be32 0x11223344  be32 1  UUID[16]  channel  0[7]  0[32]             64 bytes, once
 *
 *   packet   be32 0x11223344  be32 1  be32 flags  be32 128
 *            be32 pages  be32 size of the data  be64 number  0[32]
 *            block name[256]  be64 offset[128]                                   1344 bytes
 *            data: the pages one after the other, as they are or compressed
 *
 *   flags    1 SYNC    0 &lt;&lt; 1 as they are    1 &lt;&lt; 1 zlib    2 &lt;&lt; 1 zstd
 * </pre>
 *
 * <p>Theory of operation. The stream's own connection comes first; it carries the sections and the
 * zero pages. One thread for each other connection takes batches of up to 128 pages of one block.
 * Before each end of a RAM section every connection carries a packet with SYNC, and the receiver
 * goes on after that end only when all of them have come: so of a page that was sent twice the
 * later one counts. Compressed data of one connection are one endless zlib stream or zstd frame,
 * flushed at the end of each packet.
 *
 * <p>A connection that fails, on either side, fails the migration and wakes whoever waits.
 */
@NullMarked
package dev.dunlin.migration.multifd;

import org.jspecify.annotations.NullMarked;
