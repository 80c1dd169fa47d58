package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a socket that frames travel over, stream or datagram: one system call each, from and
 * to memory by address, nothing allocated. Non-blocking, close-on-exec. One thread at a time.
 */
public final class LinkSocket implements AutoCloseable {
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_NONBLOCK = Fcntl.O_NONBLOCK;
  private static final int SOCK_CLOEXEC = Fcntl.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_TYPE = 3;
  private static final int IPPROTO_IP = 0;
  private static final int IP_MULTICAST_IF = 32;
  private static final int IP_MULTICAST_LOOP = 34;
  private static final int IP_ADD_MEMBERSHIP = 35;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  private static final LibcLink.Calls LIBC = LibcLink.LIBC;

  /** What a socket can be asked to carry frames as. */
  public enum Kind {
    STREAM,
    DATAGRAM
  }

  /** What a read or a write came to. */
  public enum Outcome {
    /** Bytes moved: {@link #moved} says how many; none are an empty datagram. */
    MOVED,
    /** Nothing to read, or no room, now. */
    LATER,
    /** The peer has closed its end. */
    ENDED,
    /** The network refused one datagram ({@code ECONNREFUSED} and its like); others may pass. */
    REFUSED
  }

  private final Fd fd;
  private final Kind kind;
  private int moved;

  private LinkSocket(Fd fd, Kind kind) {
    this.fd = fd;
    this.kind = kind;
  }

  /** Takes over a connected stream socket. */
  public static LinkSocket of(StreamSocket socket) {
    return new LinkSocket(socket.fd(), Kind.STREAM);
  }

  /** An unbound datagram socket. */
  public static LinkSocket datagram(int family) throws PosixException {
    int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int number = checked(LibcSocket.LIBC.socket(family, type, 0), "socket", "");
    return new LinkSocket(Fd.owning(number), Kind.DATAGRAM);
  }

  /** Takes charge of a socket that somebody else made. */
  public static LinkSocket adopt(Fd fd, Kind kind) throws PosixException {
    fd.setNonBlocking(true);
    fd.setCloseOnExec(true);
    return new LinkSocket(fd, kind);
  }

  /**
   * Which of the two an open descriptor is.
   *
   * @throws PosixException when it isn't a socket, or of a third kind (EPROTONOSUPPORT)
   */
  public static Kind kindOf(Fd fd) throws PosixException {
    int[] type = new int[1];
    checked(
        LibcSocket.LIBC.getsockopt(fd.number(), SOL_SOCKET, SO_TYPE, type, new int[] {4}),
        "getsockopt(SO_TYPE)",
        fd.toString());
    return switch (type[0]) {
      case SOCK_STREAM -> Kind.STREAM;
      case SOCK_DGRAM -> Kind.DATAGRAM;
      default ->
          throw new PosixException("getsockopt(SO_TYPE)", fd.toString(), Errno.EPROTONOSUPPORT);
    };
  }

  public Kind kind() {
    return kind;
  }

  /** Bytes that the last call moved. */
  public int moved() {
    return moved;
  }

  /** One recv(2). */
  public Outcome receive(long address, int length) throws PosixException {
    while (true) {
      long count = LIBC.recv(fd.number(), address, length, MSG_DONTWAIT);
      if (count > 0 || (count == 0 && kind == Kind.DATAGRAM)) {
        moved = (int) count;
        return Outcome.MOVED;
      }
      if (count == 0) {
        return Outcome.ENDED;
      }
      Outcome outcome = failure("recv");
      if (outcome != Outcome.MOVED) {
        return outcome;
      }
    }
  }

  /** One send(2), without SIGPIPE. */
  public Outcome send(long address, int length) throws PosixException {
    while (true) {
      long count = LIBC.send(fd.number(), address, length, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count >= 0) {
        moved = (int) count;
        return Outcome.MOVED;
      }
      Outcome outcome = failure("send");
      if (outcome != Outcome.MOVED) {
        return outcome;
      }
    }
  }

  /** One sendto(2); {@code name} is an encoded sockaddr from position to limit. */
  public Outcome sendTo(long address, int length, ByteBuffer name) throws PosixException {
    while (true) {
      int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
      long count = LIBC.sendto(fd.number(), address, length, flags, name, name.remaining());
      if (count >= 0) {
        moved = (int) count;
        return Outcome.MOVED;
      }
      Outcome outcome = failure("sendto");
      if (outcome != Outcome.MOVED) {
        return outcome;
      }
    }
  }

  /** MOVED for EINTR: once more. */
  private Outcome failure(String call) throws PosixException {
    int errno = NativeLibrary.errno();
    moved = 0;
    if (errno == Errno.EINTR) {
      return Outcome.MOVED;
    }
    if (errno == Errno.EAGAIN || (kind == Kind.DATAGRAM && errno == Errno.ENOBUFS)) {
      return Outcome.LATER;
    }
    if (kind == Kind.DATAGRAM) {
      // Reports on single datagrams: no listener, no route, too long; the next may fare better.
      return Outcome.REFUSED;
    }
    throw new PosixException(call, fd.toString(), errno);
  }

  /** Binds; others may bind the same address when it is multicast's. */
  public void bind(SocketName name) throws PosixException {
    if (name.family() != SocketName.AF_UNIX) {
      setNumber(SOL_SOCKET, SO_REUSEADDR, 1);
    }
    ByteBuffer address = name.encode();
    checked(
        LibcSocket.LIBC.bind(fd.number(), address, address.remaining()), "bind", name.toString());
  }

  /** Joins an IPv4 group, on the interface that has {@code local} (all zero: the host's choice). */
  public void joinGroup(byte[] group, byte[] local) throws PosixException {
    ByteBuffer request = ByteBuffer.allocateDirect(8).put(group).put(local).flip();
    option(IPPROTO_IP, IP_ADD_MEMBERSHIP, request, "setsockopt(IP_ADD_MEMBERSHIP)");
    // Other emulators on this host are members too: they hear what we send.
    setNumber(IPPROTO_IP, IP_MULTICAST_LOOP, 1);
  }

  /** Sends to groups from the interface that has {@code local}. */
  public void setGroupInterface(byte[] local) throws PosixException {
    ByteBuffer address = ByteBuffer.allocateDirect(4).put(local).flip();
    option(IPPROTO_IP, IP_MULTICAST_IF, address, "setsockopt(IP_MULTICAST_IF)");
  }

  public SocketName localName() throws PosixException {
    ByteBuffer name = ByteBuffer.allocateDirect(SocketName.MAX_BYTES);
    int[] length = {name.capacity()};
    checked(LibcSocket.LIBC.getsockname(fd.number(), name, length), "getsockname", fd.toString());
    return SocketName.decode(name, length[0]);
  }

  public int number() {
    return fd.number();
  }

  @Override
  public void close() {
    fd.close();
  }

  private void setNumber(int level, int name, int value) throws PosixException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    option(level, name, bytes.putInt(0, value), "setsockopt");
  }

  private void option(int level, int name, ByteBuffer value, String call) throws PosixException {
    checked(
        LIBC.setsockopt(fd.number(), level, name, value, value.remaining()), call, fd.toString());
  }

  private static int checked(int result, String call, String detail) throws PosixException {
    if (result < 0) {
      throw new PosixException(call, detail, NativeLibrary.errno());
    }
    return result;
  }
}
