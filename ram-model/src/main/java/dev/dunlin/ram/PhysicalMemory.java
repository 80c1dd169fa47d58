package dev.dunlin.ram;

import dev.dunlin.ram.PhysicalMap.Region;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Guest memory by physical address: what {@code xp}, {@code pmemsave}, the loader and a CPU without
 * an MMU see. An access may cross regions and holes; where nothing answers, reads give zero, writes
 * vanish, and the caller is told. Any thread.
 */
public final class PhysicalMemory {
  private final PhysicalMap map;

  public PhysicalMemory(PhysicalMap map) {
    this.map = map;
  }

  /**
   * Fills {@code dst} from {@code address} (unsigned). True when memory answered for every byte;
   * where none did the bytes are zero, as QEMU's pmemsave writes them.
   */
  public boolean read(long address, ByteBuffer dst) {
    return walk(address, dst, PhysicalMemory::readPart, PhysicalMemory::putZeroes);
  }

  /** Writes as a guest does: ROM stays as it is and takes the write in silence. */
  public boolean write(long address, ByteBuffer src) {
    return walk(address, src, PhysicalMemory::writeAsGuest, PhysicalMemory::skip);
  }

  /** Writes as a loader does: ROM too (QEMU's address_space_write_rom). */
  public boolean writeRom(long address, ByteBuffer src) {
    return walk(address, src, RamBlock::write, PhysicalMemory::skip);
  }

  /** How many bytes from {@code address} on are memory without a gap; 0 when none answers there. */
  public long contiguous(long address) {
    long end = address;
    for (Optional<Region> region = map.find(end); region.isPresent(); region = map.find(end)) {
      end = region.get().end();
    }
    return end - address;
  }

  /** Splits the access into parts that each lie in one region or in one gap. */
  private boolean walk(long address, ByteBuffer bytes, InMemory inMemory, InGap inGap) {
    boolean complete = true;
    int limit = bytes.limit();
    long at = address;
    while (bytes.hasRemaining()) {
      Optional<Region> next = map.atOrAfter(at);
      boolean gap = next.isEmpty() || next.get().address() > at;
      long room = room(next, at, gap);
      int part = (int) Math.min(room, bytes.remaining());
      bytes.limit(bytes.position() + part);
      if (gap) {
        complete = false;
        inGap.access(bytes);
      } else {
        Region region = next.get();
        inMemory.access(region.block(), region.offset() + (at - region.address()), bytes);
      }
      bytes.limit(limit);
      at += part;
    }
    return complete;
  }

  private static long room(Optional<Region> next, long at, boolean gap) {
    if (next.isEmpty()) {
      // Nothing above; an address that wraps to 0 meets no memory on the way either.
      return Long.MAX_VALUE;
    }
    return (gap ? next.get().address() : next.get().end()) - at;
  }

  private static void readPart(RamBlock block, long offset, ByteBuffer dst) {
    block.read(offset, dst);
  }

  private static void writeAsGuest(RamBlock block, long offset, ByteBuffer src) {
    if (block.isRom()) {
      skip(src);
    } else {
      block.write(offset, src);
    }
  }

  private static void putZeroes(ByteBuffer dst) {
    while (dst.hasRemaining()) {
      dst.put((byte) 0);
    }
  }

  private static void skip(ByteBuffer src) {
    src.position(src.limit());
  }

  private interface InMemory {
    void access(RamBlock block, long offset, ByteBuffer bytes);
  }

  private interface InGap {
    void access(ByteBuffer bytes);
  }
}
