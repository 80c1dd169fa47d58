package dev.dunlin.core.posix;

/**
 * How much of what was written to a descriptor its reader hasn't got yet: bytes in a pipe, bytes of
 * a unix socket that weren't read, bytes of a TCP connection that weren't acknowledged (SIOCOUTQ in
 * tcp(7)). Nothing, always, for files and devices. Any thread; doesn't own the descriptor.
 */
public final class Backlog {
  private static final long SIOCOUTQ = 0x5411;
  private static final int SOL_SOCKET = 1;
  private static final int SO_TYPE = 3;
  private static final int SO_ERROR = 4;

  private enum Kind {
    PIPE,
    SOCKET,
    NONE
  }

  private final Fd fd;
  private final Kind kind;

  private Backlog(Fd fd, Kind kind) {
    this.fd = fd;
    this.kind = kind;
  }

  /** Finds out what kind of descriptor it is. */
  public static Backlog of(Fd fd) throws PosixException {
    if (option(fd, SO_TYPE) >= 0) {
      return new Backlog(fd, Kind.SOCKET);
    }
    long size = fd.use("fcntl", number -> LibcIo.LIBC.fcntl(number, Fcntl.F_GETPIPE_SZ, 0));
    return new Backlog(fd, size >= 0 ? Kind.PIPE : Kind.NONE);
  }

  /** Of a unix socket this counts the kernel's own overhead too; 0 is exact everywhere. */
  public int bytes() throws PosixException {
    return switch (kind) {
      case PIPE -> ioctl(Fcntl.FIONREAD, "ioctl(FIONREAD)");
      case SOCKET -> ioctl(SIOCOUTQ, "ioctl(SIOCOUTQ)");
      case NONE -> 0;
    };
  }

  /**
   * The error that a socket has met and nobody was told yet, as errno; 0 for none. Bytes that the
   * other side threw away unread are no {@link #bytes} any more, but a reset.
   */
  public int takeError() throws PosixException {
    return kind == Kind.SOCKET ? (int) Math.max(0, option(fd, SO_ERROR)) : 0;
  }

  private int ioctl(long request, String name) throws PosixException {
    int[] value = new int[1];
    long result = fd.use(name, number -> LibcIo.LIBC.ioctl(number, request, value));
    if (result < 0) {
      throw new PosixException(name, fd.toString(), (int) -result);
    }
    return value[0];
  }

  /** Below 0 for what is no socket. */
  private static long option(Fd fd, int option) throws PosixException {
    int[] value = new int[1];
    long result =
        fd.use(
            "getsockopt",
            number -> LibcSocket.LIBC.getsockopt(number, SOL_SOCKET, option, value, new int[] {4}));
    return result < 0 ? result : value[0];
  }
}
