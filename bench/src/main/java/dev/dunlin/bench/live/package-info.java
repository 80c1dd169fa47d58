/**
 * Migrations of guests that write all the while, Dunlin's {@code ram-writer} beside a real guest of
 * QEMU's that does the same, each into a real QEMU, whose memory is looked at afterwards.
 */
@NullMarked
package dev.dunlin.bench.live;

import org.jspecify.annotations.NullMarked;
