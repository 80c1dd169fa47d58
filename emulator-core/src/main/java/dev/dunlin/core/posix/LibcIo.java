package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * Descriptors: the calls every emulator makes before its first prompt, so few and bound together,
 * when the first descriptor is touched.
 *
 * <p>Buffers are direct ones: jnr passes their address, and position counts. The interface must be
 * public for jnr's class loader; the class around it keeps it in this package.
 */
final class LibcIo {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcIo() {}

  /** As in the manual's section 2. */
  public interface Calls {
    long read(int fd, @Out ByteBuffer buffer, long length);

    long write(int fd, @In ByteBuffer buffer, long length);

    int close(int fd);

    int fcntl(int fd, int command, long argument);

    int ioctl(int fd, long request, @In @Out int[] value);

    int pipe2(@Out int[] fds, int flags);

    int eventfd(int initial, int flags);

    int poll(ByteBuffer pollfds, long count, int timeoutMillis);

    int open(String path, int flags, int mode);
  }
}
