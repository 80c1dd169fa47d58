package dev.dunlin.core.monitor.builtin;

import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.ram.PhysicalMemory;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * One {@code xp} under way: prints some lines, then lets the loop and the user's device breathe.
 * Loop thread.
 */
final class MemoryDump {
  private static final int LINES_A_PIECE = 256;

  private final PhysicalMemory memory;
  private final MemoryFormat format;
  private final HmpCall.Suspension call;
  private long address;
  private long left;

  private MemoryDump(
      PhysicalMemory memory,
      MemoryFormat format,
      HmpCall.Suspension call,
      long address,
      long length) {
    this.memory = memory;
    this.format = format;
    this.call = call;
    this.address = address;
    this.left = length;
  }

  static void run(PhysicalMemory memory, MemoryFormat format, HmpCall call, long count) {
    long address = call.integer("addr").orElseThrow();
    new MemoryDump(memory, format, call.suspend(), address, count * format.size()).printPiece();
  }

  private void printPiece() {
    for (int i = 0; i < LINES_A_PIECE && left > 0; i++) {
      printLine();
    }
    if (left > 0 && call.isInteractive()) {
      call.whenWritable(this::printPiece);
    } else {
      call.resume();
    }
  }

  private void printLine() {
    int length = (int) Math.min(left, format.bytesPerLine());
    ByteBuffer bytes = ByteBuffer.allocate(length);
    String label = String.format(Locale.ROOT, "%016x:", address);
    if (!memory.read(address, bytes)) {
      call.print(label + " Cannot access memory\n");
      left = 0;
      return;
    }
    call.print(label + format.line(bytes.flip()) + "\n");
    address += length;
    left -= length;
  }
}
