package dev.dunlin.core.posix;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A non-blocking, close-on-exec stream socket, unix or inet: NIO's can't receive descriptors. One
 * thread at a time.
 */
public final class StreamSocket implements AutoCloseable {
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_NONBLOCK = Fcntl.O_NONBLOCK;
  private static final int SOCK_CLOEXEC = Fcntl.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_TYPE = 3;
  private static final int SO_ERROR = 4;
  private static final int SO_SNDBUF = 7;
  private static final int SO_ACCEPTCONN = 30;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private static final LibcSocket.Calls LIBC = LibcSocket.LIBC;

  private final Fd fd;
  private final SocketMessage message = new SocketMessage();

  private StreamSocket(Fd fd) {
    this.fd = fd;
  }

  /** Takes charge of a socket that was made elsewhere, and makes it non-blocking. */
  public static StreamSocket adopt(Fd fd) throws PosixException {
    fd.setNonBlocking(true);
    fd.setCloseOnExec(true);
    return new StreamSocket(fd);
  }

  /** Whether {@code number} is an open stream socket. */
  public static boolean isStreamSocket(int number) {
    int[] type = new int[1];
    return LIBC.getsockopt(number, SOL_SOCKET, SO_TYPE, type, new int[] {4}) == 0
        && type[0] == SOCK_STREAM;
  }

  /** A socket that isn't bound yet. */
  public static StreamSocket open(int family) throws PosixException {
    int number = LIBC.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return new StreamSocket(Fd.owning(checked(number, "socket", "")));
  }

  /** Binds; an inet one as servers want it: the address at once free again, IPv6 only IPv6. */
  public void bind(SocketName name) throws PosixException {
    if (name.family() != SocketName.AF_UNIX) {
      setOption(SOL_SOCKET, SO_REUSEADDR, 1);
    }
    if (name.family() == SocketName.AF_INET6) {
      setOption(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    }
    ByteBuffer address = name.encode();
    checked(LIBC.bind(number(), address, address.remaining()), "bind", name.toString());
  }

  public void listen(int backlog) throws PosixException {
    checked(LIBC.listen(number(), backlog), "listen", "");
  }

  public boolean isListening() throws PosixException {
    return option(SO_ACCEPTCONN) != 0;
  }

  /** Begins to connect; false when that takes until the socket is writable. */
  public boolean connect(SocketName name) throws PosixException {
    ByteBuffer address = name.encode();
    if (LIBC.connect(number(), address, address.remaining()) == 0) {
      return true;
    }
    int errno = NativeLibrary.errno();
    if (errno == Errno.EINPROGRESS) {
      return false;
    }
    throw new PosixException("connect", name.toString(), errno);
  }

  /** How the connecting ended, once the socket is writable. */
  public void finishConnect() throws PosixException {
    int errno = option(SO_ERROR);
    if (errno != 0) {
      throw new PosixException("connect", "", errno);
    }
  }

  /** The next connection; empty when none is waiting or the one that was has gone. */
  public Optional<StreamSocket> accept() throws PosixException {
    @SuppressWarnings("NullAway") // accept4 takes NULL for an address nobody wants
    int number = LIBC.accept4(number(), null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (number >= 0) {
      return Optional.of(new StreamSocket(Fd.owning(number)));
    }
    int errno = NativeLibrary.errno();
    if (errno == Errno.EAGAIN || errno == Errno.EINTR || errno == Errno.ECONNABORTED) {
      return Optional.empty();
    }
    throw new PosixException("accept4", fd.toString(), errno);
  }

  /** One recvmsg(2); descriptors that came with the bytes go to {@code fds}, which owns them. */
  public IoOutcome receive(ByteBuffer into, Consumer<ImmutableList<Fd>> fds) throws PosixException {
    if (!into.hasRemaining()) {
      return new IoOutcome.Transferred(0);
    }
    while (true) {
      long count = LIBC.recvmsg(number(), message.forReceiving(into.remaining()), MSG_CMSG_CLOEXEC);
      if (count >= 0) {
        ImmutableList<Fd> received = message.receivedFds();
        if (!received.isEmpty()) {
          fds.accept(received);
        }
        message.copyData((int) count, into);
        return count == 0 ? IoOutcome.END_OF_STREAM : new IoOutcome.Transferred((int) count);
      }
      if (wouldBlock("recvmsg")) {
        return IoOutcome.WOULD_BLOCK;
      }
    }
  }

  /** One sendmsg(2), without SIGPIPE. */
  public IoOutcome send(ByteBuffer from) throws PosixException {
    return send(from, List.of());
  }

  /** Sends copies of these descriptors with the bytes, of which there must be one at least. */
  public IoOutcome send(ByteBuffer from, List<Integer> fds) throws PosixException {
    if (!from.hasRemaining()) {
      return new IoOutcome.Transferred(0);
    }
    while (true) {
      long count = LIBC.sendmsg(number(), message.forSending(from, fds), MSG_NOSIGNAL);
      if (count >= 0) {
        from.position(from.position() + (int) count);
        return new IoOutcome.Transferred((int) count);
      }
      if (wouldBlock("sendmsg")) {
        return IoOutcome.WOULD_BLOCK;
      }
    }
  }

  public void setNoDelay(boolean noDelay) throws PosixException {
    setOption(IPPROTO_TCP, TCP_NODELAY, noDelay ? 1 : 0);
  }

  /**
   * Asks for room for so many bytes on their way; the kernel gives what wmem_max allows
   * (socket(7)). Of a TCP socket this ends the kernel's own tuning.
   */
  public void setSendBuffer(int bytes) throws PosixException {
    setOption(SOL_SOCKET, SO_SNDBUF, bytes);
  }

  public SocketName localName() throws PosixException {
    ByteBuffer name = ByteBuffer.allocateDirect(SocketName.MAX_BYTES);
    int[] length = {name.capacity()};
    checked(LIBC.getsockname(number(), name, length), "getsockname", fd.toString());
    return SocketName.decode(name, length[0]);
  }

  public SocketName peerName() throws PosixException {
    ByteBuffer name = ByteBuffer.allocateDirect(SocketName.MAX_BYTES);
    int[] length = {name.capacity()};
    checked(LIBC.getpeername(number(), name, length), "getpeername", fd.toString());
    return SocketName.decode(name, length[0]);
  }

  public Fd fd() {
    return fd;
  }

  public int number() {
    return fd.number();
  }

  @Override
  public void close() {
    fd.close();
  }

  private void setOption(int level, int option, int value) throws PosixException {
    checked(
        LIBC.setsockopt(number(), level, option, new int[] {value}, 4),
        "setsockopt",
        fd.toString());
  }

  private int option(int option) throws PosixException {
    int[] value = new int[1];
    checked(
        LIBC.getsockopt(number(), SOL_SOCKET, option, value, new int[] {4}),
        "getsockopt",
        fd.toString());
    return value[0];
  }

  /** True for EAGAIN, false for EINTR, throws for all else. */
  private boolean wouldBlock(String call) throws PosixException {
    int errno = NativeLibrary.errno();
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
      return errno == Errno.EAGAIN;
    }
    throw new PosixException(call, fd.toString(), errno);
  }

  private static int checked(int result, String call, String detail) throws PosixException {
    if (result < 0) {
      throw new PosixException(call, detail, NativeLibrary.errno());
    }
    return result;
  }
}
