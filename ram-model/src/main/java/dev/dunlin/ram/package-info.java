/**
 * Guest RAM: blocks known by QEMU's idstr, their bytes, which pages were written, and where they
 * appear in the guest's physical address space. Knows nothing of the other modules and makes no
 * native call.
 *
 * <p>Theory of operation. A {@link dev.dunlin.ram.RamBlock} is a name, a length and a {@link
 * dev.dunlin.ram.RamBacking}; the backing is Dunlin's own (sparse, lazily allocated) or the
 * embedding VMM's. Offsets are always within a block and {@code long}; bytes move in bulk through
 * {@link java.nio.ByteBuffer}. Who writes guest memory tells the {@link dev.dunlin.ram.DirtyLog}
 * <em>after</em> the bytes are in place; who saves it reads and clears the log <em>before</em> it
 * reads the bytes, so a page can be sent once too often but never once too few.
 *
 * <p>{@link dev.dunlin.ram.MappedRam} keeps its bytes in a {@link dev.dunlin.ram.RamFile}: sparse,
 * so that an untouched page costs nothing and is known without reading it. {@link
 * dev.dunlin.ram.StagedRam} is where an incoming stream is loaded until it has proved good. {@link
 * dev.dunlin.ram.PhysicalMemory} looks at all of it by guest-physical address.
 */
@NullMarked
package dev.dunlin.ram;

import org.jspecify.annotations.NullMarked;
