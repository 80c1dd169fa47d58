/**
 * Benchmarks beside the real peers. Both programs run at the same time on the same machine and take
 * turns, since on a shared machine the scheduler's placement of writer and reader alone moves
 * QEMU's own figure threefold; what is quoted is the median and the spread of interleaved rounds.
 */
@NullMarked
package dev.dunlin.bench;

import org.jspecify.annotations.NullMarked;
