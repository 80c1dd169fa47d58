package dev.dunlin.core.posix;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * A NULL-terminated array of C strings in one piece of native memory, as argv and environ are. Must
 * be held while the kernel reads it; jnr's own Memory would start a finalizer thread for that.
 */
final class CStrings {
  private final ByteBuffer memory;

  CStrings(List<byte[]> strings) {
    int table = (strings.size() + 1) * Long.BYTES;
    int bytes = strings.stream().mapToInt(text -> text.length + 1).sum();
    memory = ByteBuffer.allocateDirect(table + bytes).order(ByteOrder.nativeOrder());
    int at = table;
    for (int i = 0; i < strings.size(); i++) {
      byte[] text = strings.get(i);
      memory.put(at, text).putLong(i * Long.BYTES, address() + at);
      at += text.length + 1;
    }
  }

  Pointer pointer() {
    return Pointer.wrap(Runtime.getSystemRuntime(), address());
  }

  private long address() {
    return MemoryIO.getInstance().getDirectBufferAddress(memory);
  }
}
