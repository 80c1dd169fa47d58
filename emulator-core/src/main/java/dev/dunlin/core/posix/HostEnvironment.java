package dev.dunlin.core.posix;

import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import java.util.ArrayList;
import java.util.List;

/**
 * This process's environ(7) as libc has it: byte for byte, where {@link System#getenv} would decode
 * and encode values that needn't be text.
 */
final class HostEnvironment {
  private HostEnvironment() {}

  /** {@code NAME=value}, in order. */
  static List<byte[]> lines() {
    MemoryIO memory = MemoryIO.getInstance();
    // By the default handle: an executable that names environ has the live copy of the variable.
    long array = memory.getAddress(Library.getDefault().getSymbolAddress("environ"));
    List<byte[]> lines = new ArrayList<>();
    for (long at = array; memory.getAddress(at) != 0; at += Long.BYTES) {
      lines.add(memory.getZeroTerminatedByteArray(memory.getAddress(at)));
    }
    return lines;
  }
}
