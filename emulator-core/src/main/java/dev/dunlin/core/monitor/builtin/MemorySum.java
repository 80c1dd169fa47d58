package dev.dunlin.core.monitor.builtin;

import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.ram.PhysicalMemory;
import java.nio.ByteBuffer;
import java.util.Locale;

/** One {@code sum} under way: sum(1)'s 16-bit BSD checksum, a piece each turn. Loop thread. */
final class MemorySum {
  private static final int PIECE = 1 << 20;

  private final PhysicalMemory memory;
  private final HmpCall.Suspension call;
  private long address;
  private long left;
  private int sum;

  private MemorySum(PhysicalMemory memory, HmpCall.Suspension call, long address, long size) {
    this.memory = memory;
    this.call = call;
    this.address = address;
    this.left = size;
  }

  static void run(PhysicalMemory memory, HmpCall call) {
    long start = call.integer("start").orElseThrow();
    long size = call.integer("size").orElseThrow();
    new MemorySum(memory, call.suspend(), start, size).step();
  }

  private void step() {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(left, PIECE));
    memory.read(address, bytes);
    for (byte b : bytes.array()) {
      sum = ((sum >>> 1 | sum << 15) + (b & 0xff)) & 0xffff;
    }
    address += bytes.capacity();
    left -= bytes.capacity();
    if (left > 0) {
      call.whenWritable(this::step);
    } else {
      call.print(String.format(Locale.ROOT, "%05d\n", sum));
      call.resume();
    }
  }
}
