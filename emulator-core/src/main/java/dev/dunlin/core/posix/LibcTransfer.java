package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * What moves a network's bytes, bound when its first socket is made. None has six arguments, the
 * number that jnr passes wrongly: sendto(2) and recvfrom(2) are sendmsg(2) and recvmsg(2) here.
 */
final class LibcTransfer {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcTransfer() {}

  /** As in the manual; buffers are direct ones, from their position on. */
  public interface Calls {
    long recv(int fd, @Out ByteBuffer buffer, long length, int flags);

    long send(int fd, @In ByteBuffer buffer, long length, int flags);

    long recvmsg(int fd, ByteBuffer message, int flags);

    long sendmsg(int fd, ByteBuffer message, int flags);

    int recvmmsg(int fd, ByteBuffer messages, int count, int flags, Pointer timeout);

    int shutdown(int fd, int how);

    int setsockopt(int fd, int level, int option, @In ByteBuffer value, int length);

    int socketpair(int domain, int type, int protocol, @Out int[] fds);
  }
}
