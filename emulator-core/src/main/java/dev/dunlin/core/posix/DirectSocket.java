package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking, close-on-exec socket whose bytes go between the kernel and direct buffers without
 * a copy or an object: TCP, UDP, and the echo ("ping") sockets of icmp(7). One thread.
 *
 * <p>What a user may have got wrong (no such address, port taken) throws; what the network does to
 * a running socket is a {@link Transfer} and an {@link #errno}.
 */
public final class DirectSocket implements AutoCloseable {
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int FLAGS = Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC;
  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_TCP = 6;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_ERROR = 4;
  private static final int SO_OOBINLINE = 10;
  private static final int SO_LINGER = 13;
  private static final int SO_REUSEPORT = 15;
  private static final int TCP_NODELAY = 1;
  private static final int SHUT_WR = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SO_RCVBUF = 8;
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IP_TOS = 1;
  private static final int IP_TTL = 2;
  private static final int IP_MTU_DISCOVER = 10;
  private static final int IP_RECVERR = 11;
  private static final int IP_RECVTTL = 12;
  private static final int IPV6_RECVERR = 25;
  private static final int IPV6_V6ONLY = 26;
  private static final int INT = 4;

  /** Every socket has one owner, but not all have the same. */
  private static final ThreadLocal<ByteBuffer> OPTION_OF_THREAD =
      ThreadLocal.withInitial(() -> NativeBytes.allocate(INT));

  private static final LibcSocket.Calls SOCKETS = LibcSocket.LIBC;
  private static final LibcTransfer.Calls LIBC = LibcTransfer.LIBC;

  private final Fd fd;
  private final int number;
  private final boolean stream;
  private int errno;
  private int ttl;
  private int tos;
  private PathMtu pathMtu = PathMtu.WANT;

  /** How long datagrams are treated (IP_MTU_DISCOVER in ip(7)). */
  public enum PathMtu {
    /** Cut into fragments wherever needed; DF is never set. */
    FRAGMENT,
    /** What a socket begins with: DF while it fits, fragments else. */
    WANT,
    /** DF always; what is too long for the path fails with EMSGSIZE. */
    DO;

    @SuppressWarnings("EnumOrdinal") // the constants of ip(7) in their order
    private int constant() {
      return ordinal();
    }
  }

  private DirectSocket(Fd fd, boolean stream) {
    this.fd = fd;
    this.number = fd.number();
    this.stream = stream;
  }

  // ---- made ----

  /** A TCP socket for the family of {@code name}. */
  public static DirectSocket tcp(InetName name) throws PosixException {
    return open(name.family(), SOCK_STREAM, IPPROTO_TCP);
  }

  /** A UDP socket for the family of {@code name}. */
  public static DirectSocket udp(InetName name) throws PosixException {
    return open(name.family(), SOCK_DGRAM, 0);
  }

  /**
   * An IPv4 echo socket. EACCES when the group of this process lies outside of the sysctl
   * net.ipv4.ping_group_range.
   */
  public static DirectSocket echo() throws PosixException {
    return open(SocketName.AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
  }

  private static DirectSocket open(int family, int type, int protocol) throws PosixException {
    int fd = SOCKETS.socket(family, type | FLAGS, protocol);
    if (fd < 0) {
      throw new PosixException("socket", "", NativeLibrary.errno());
    }
    return new DirectSocket(Fd.owning(fd), type == SOCK_STREAM);
  }

  /** A connected stream that was made elsewhere; its descriptor changes hands. */
  public static DirectSocket adopt(StreamSocket connected) {
    return new DirectSocket(Fd.owning(connected.fd().detach()), true);
  }

  /** Two ends of a unix datagram connection, which keeps the borders of what is written. */
  public static DirectSocket[] pair() throws PosixException {
    int[] fds = new int[2];
    if (LIBC.socketpair(SocketName.AF_UNIX, SOCK_DGRAM | FLAGS, 0, fds) < 0) {
      throw new PosixException("socketpair", "", NativeLibrary.errno());
    }
    return new DirectSocket[] {
      new DirectSocket(Fd.owning(fds[0]), false), new DirectSocket(Fd.owning(fds[1]), false)
    };
  }

  // ---- named ----

  public void bind(InetName name) throws PosixException {
    if (SOCKETS.bind(number, name.bytes().clear(), name.length()) < 0) {
      throw new PosixException("bind", fd.toString(), NativeLibrary.errno());
    }
  }

  /**
   * Begins to connect, or asks how it goes: MOVED when it is done, WOULD_BLOCK when that takes
   * until it's writable.
   */
  public Transfer connect(InetName name) {
    do {
      if (SOCKETS.connect(number, name.bytes().clear(), name.length()) == 0) {
        return Transfer.MOVED;
      }
    } while (isInterrupted());
    return errno == Errno.EINPROGRESS || errno == Errno.EALREADY
        ? Transfer.WOULD_BLOCK
        : Transfer.FAILED;
  }

  /**
   * The next connection that waits at a listening socket; null when none does or it can't be taken
   * ({@link #errno} is EAGAIN, or why).
   */
  @SuppressWarnings("NullAway") // accept4 takes NULL for an address nobody wants
  public @Nullable DirectSocket accept() {
    int accepted;
    do {
      accepted = SOCKETS.accept4(number, null, null, FLAGS);
      // A connection that was reset while it waited (accept(2)) is as good as never made.
    } while (accepted < 0 && (isInterrupted() || errno == Errno.ECONNABORTED));
    return accepted < 0 ? null : new DirectSocket(Fd.owning(accepted), true);
  }

  /** The other end; holds no address when that isn't an inet one. */
  public InetName peerName() {
    InetName name = new InetName();
    int unused = SOCKETS.getpeername(number, name.bytes(), new int[] {InetName.BYTES});
    return name;
  }

  /** Its own end, whose port may be the kernel's choice. */
  public InetName localName() throws PosixException {
    InetName name = new InetName();
    if (SOCKETS.getsockname(number, name.bytes(), new int[] {InetName.BYTES}) < 0) {
      throw new PosixException("getsockname", fd.toString(), NativeLibrary.errno());
    }
    return name;
  }

  // ---- bytes ----

  /** One recv(2) into {@code into}, which is direct. A datagram's rest that doesn't fit is lost. */
  public Transfer receive(ByteBuffer into) {
    long count;
    do {
      count = LIBC.recv(number, into, into.remaining(), 0);
    } while (count < 0 && isInterrupted());
    if (count == 0 && stream && into.hasRemaining()) {
      return Transfer.ENDED;
    }
    return moved(count, into);
  }

  /** One send(2) of what remains, without SIGPIPE. */
  public Transfer send(ByteBuffer from) {
    long count;
    do {
      count = LIBC.send(number, from, from.remaining(), MSG_NOSIGNAL);
    } while (count < 0 && isInterrupted());
    return moved(count, from);
  }

  private Transfer moved(long count, ByteBuffer buffer) {
    if (count < 0) {
      return failure();
    }
    buffer.position(buffer.position() + (int) count);
    return Transfer.MOVED;
  }

  /** One sendmsg(2) of a message that {@link OutgoingMessage} laid out. */
  Transfer sendMessage(ByteBuffer message) {
    long count;
    do {
      count = LIBC.sendmsg(number, message, MSG_NOSIGNAL);
    } while (count < 0 && isInterrupted());
    return count < 0 ? failure() : Transfer.MOVED;
  }

  /** recvmsg(2); the count, or -1 and {@link #errno}. */
  long receiveMessage(ByteBuffer message, int flags) {
    long count;
    do {
      count = LIBC.recvmsg(number, message, flags);
    } while (count < 0 && isInterrupted());
    return count;
  }

  /** recvmmsg(2); messages received, or -1 and {@link #errno}. */
  @SuppressWarnings("NullAway") // recvmmsg takes NULL for no timeout
  int receiveMessages(ByteBuffer messages, int most) {
    int count;
    do {
      count = LIBC.recvmmsg(number, messages, most, 0, null);
    } while (count < 0 && isInterrupted());
    return count;
  }

  /** Why the last transfer was {@link Transfer#FAILED}, an {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** Takes the error that waits for this socket: how connecting ended, what the network said. */
  public int takeError() {
    int[] value = new int[1];
    SOCKETS.getsockopt(number, SOL_SOCKET, SO_ERROR, value, new int[] {INT});
    return value[0];
  }

  // ---- told ----

  /** No more is sent; what the kernel has already goes out first. */
  public void shutdownOutput() {
    // ENOTCONN: the peer has gone, which reading tells.
    int unused = LIBC.shutdown(number, SHUT_WR);
  }

  public void setNoDelay() {
    set(IPPROTO_TCP, TCP_NODELAY, 1);
  }

  /** Urgent data stays among the rest, where a relay finds it. */
  public void setUrgentInline() {
    set(SOL_SOCKET, SO_OOBINLINE, 1);
  }

  public void setReuseAddress() {
    set(SOL_SOCKET, SO_REUSEADDR, 1);
  }

  /** Other sockets of this user that say so may have the same address. */
  public void setReusePort() {
    set(SOL_SOCKET, SO_REUSEPORT, 1);
  }

  /** An IPv6 socket leaves IPv4 to others. */
  public void setV6Only() {
    set(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  }

  /** Whether what the network says about what was sent waits in the error queue (ip(7)). */
  public void setErrorQueue(InetName peer, boolean wanted) {
    boolean six = peer.family() == SocketName.AF_INET6;
    set(six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR, wanted ? 1 : 0);
  }

  /** Datagrams come with the TTL that they had left. */
  public void setReceiveTtl() {
    set(IPPROTO_IP, IP_RECVTTL, 1);
  }

  /** For what is sent from now on; costs a call only when it changes. IPv4. */
  public void setTtl(int hops) {
    if (hops != ttl) {
      ttl = hops;
      set(IPPROTO_IP, IP_TTL, hops);
    }
  }

  /** For what is sent from now on; costs a call only when it changes. IPv4. */
  public void setTos(int octet) {
    if (octet != tos) {
      tos = octet;
      set(IPPROTO_IP, IP_TOS, octet);
    }
  }

  /** For what is sent from now on; costs a call only when it changes. IPv4. */
  public void setPathMtu(PathMtu how) {
    if (how != pathMtu) {
      pathMtu = how;
      set(IPPROTO_IP, IP_MTU_DISCOVER, how.constant());
    }
  }

  /** Room that the kernel keeps for what arrives, within its own limit. */
  public void setReceiveBuffer(int bytes) {
    set(SOL_SOCKET, SO_RCVBUF, bytes);
  }

  /** An option that a kernel refuses changes how well a flow works, never whether. */
  private void set(int level, int name, int value) {
    ByteBuffer option = OPTION_OF_THREAD.get().putInt(0, value);
    int unused = LIBC.setsockopt(number, level, name, option, INT);
  }

  // ---- ended ----

  /** The connection's peer gets a reset, and what wasn't sent is gone (SO_LINGER in socket(7)). */
  public void reset() {
    ByteBuffer linger = NativeBytes.allocate(2 * INT).putInt(0, 1);
    int unused = LIBC.setsockopt(number, SOL_SOCKET, SO_LINGER, linger, 2 * INT);
    close();
  }

  /** Take it out of its loop first. */
  @Override
  public void close() {
    fd.close();
  }

  /** Gives the descriptor to a new owner; this object is closed. */
  public int detach() {
    return fd.detach();
  }

  public int number() {
    return number;
  }

  public boolean isOpen() {
    return fd.isOpen();
  }

  @Override
  public String toString() {
    return fd.toString();
  }

  private Transfer failure() {
    return errno == Errno.EAGAIN ? Transfer.WOULD_BLOCK : Transfer.FAILED;
  }

  /** Notes errno; true when the call is to be made again. */
  private boolean isInterrupted() {
    errno = NativeLibrary.errno();
    return errno == Errno.EINTR;
  }
}
