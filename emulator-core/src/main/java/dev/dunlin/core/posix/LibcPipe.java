package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/** Memory by iovec, bound when the first page goes that way. */
final class LibcPipe {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcPipe() {}

  /** As in the manual's section 2. */
  public interface Calls {
    long writev(int fd, @In ByteBuffer vectors, int count);

    long vmsplice(int fd, @In ByteBuffer vectors, long count, int flags);

    /** NULL offsets for what has none; as Pointers, for jnr garbles a sixth plain integer. */
    long splice(int from, Pointer fromAt, int to, Pointer toAt, long length, int flags);
  }
}
