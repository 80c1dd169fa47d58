/**
 * Machine layouts and the devices that put bytes into RAM.
 *
 * <p>Theory of operation. {@link dev.dunlin.core.machine.MachineConfig} says what the user wants;
 * {@link dev.dunlin.core.machine.MachineLayout} computes from it, without allocating anything,
 * which RAM blocks the machine has and where they appear in physical memory, exactly as QEMU 7.2
 * lays them out before its firmware runs; {@link dev.dunlin.core.machine.Machine} allocates the
 * blocks and keeps the images (firmware, option ROMs, loader files) that each reset writes into
 * them. An incoming migration brings those bytes itself, so nothing is written before it.
 *
 * <p>{@link dev.dunlin.core.machine.RamWriter} stands in for a guest CPU: Dunlin has none of its
 * own.
 */
@NullMarked
package dev.dunlin.core.machine;

import org.jspecify.annotations.NullMarked;
