package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * Stream sockets: what NIO can't do, above all to receive descriptors. Bound when the first is
 * made.
 */
final class LibcSocket {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcSocket() {}

  /** As in the manual; buffers are direct ones. */
  public interface Calls {
    int socket(int domain, int type, int protocol);

    int bind(int fd, @In ByteBuffer address, int length);

    int listen(int fd, int backlog);

    int accept4(int fd, Pointer address, Pointer length, int flags);

    int connect(int fd, @In ByteBuffer address, int length);

    int getsockname(int fd, @Out ByteBuffer address, int[] length);

    int getpeername(int fd, @Out ByteBuffer address, int[] length);

    int getsockopt(int fd, int level, int option, @Out int[] value, int[] length);

    int setsockopt(int fd, int level, int option, @In int[] value, int length);

    long recvmsg(int fd, ByteBuffer message, int flags);

    long sendmsg(int fd, ByteBuffer message, int flags);
  }
}
