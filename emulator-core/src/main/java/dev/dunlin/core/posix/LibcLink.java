package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * What carries frames: TAP devices, datagram and stream sockets. Bound when the first link opens.
 *
 * <p>Memory goes by address where a call is made for every frame: a method of integers alone takes
 * jnr's path that allocates nothing.
 */
final class LibcLink {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcLink() {}

  /** As in the manual's section 2. */
  public interface Calls {
    long readv(int fd, long vectors, int count);

    long write(int fd, long address, long length);

    long recv(int fd, long address, long length, int flags);

    long send(int fd, long address, long length, int flags);

    /** Six arguments, one of which is no integer: clear of jnr's trap. */
    long sendto(int fd, long address, long length, int flags, @In ByteBuffer name, int nameLength);

    int ioctl(int fd, long request, @In @Out ByteBuffer argument);

    /** TUNSETOFFLOAD and its like take the number itself. */
    int ioctl(int fd, long request, long argument);

    int setsockopt(int fd, int level, int option, @In ByteBuffer value, int length);

    int setns(int fd, int type);
  }
}
