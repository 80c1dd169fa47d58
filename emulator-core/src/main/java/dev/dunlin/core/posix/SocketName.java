package dev.dunlin.core.posix;

import com.google.common.net.InetAddresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Where a stream socket is bound or connected, and its sockaddr (Linux's layouts). A unix path that
 * doesn't fit is refused by {@link Unix}'s constructor.
 */
public sealed interface SocketName {
  int AF_UNIX = 1;
  int AF_INET = 2;
  int AF_INET6 = 10;

  /** sizeof(sockaddr_un), the largest. */
  int MAX_BYTES = 110;

  /** unix(7): 108 bytes with the NUL. */
  int MAX_UNIX_PATH = 107;

  int family();

  /** The sockaddr, from position 0 to the limit. */
  ByteBuffer encode();

  /** A unix socket; an empty path for one without a name. */
  record Unix(String path) implements SocketName {
    public Unix {
      if (!fits(path)) {
        throw new IllegalArgumentException("unix socket path too long: " + path);
      }
    }

    public static boolean fits(String path) {
      return path.getBytes(StandardCharsets.UTF_8).length <= MAX_UNIX_PATH;
    }

    @Override
    public int family() {
      return AF_UNIX;
    }

    @Override
    public ByteBuffer encode() {
      return sockaddr(AF_UNIX).put(path.getBytes(StandardCharsets.UTF_8)).put((byte) 0).flip();
    }
  }

  /** An IPv4 or IPv6 endpoint. */
  record Inet(InetAddress address, int port) implements SocketName {
    @Override
    public int family() {
      return address instanceof Inet6Address ? AF_INET6 : AF_INET;
    }

    @Override
    public ByteBuffer encode() {
      ByteBuffer bytes = sockaddr(family());
      bytes.put((byte) (port >>> 8)).put((byte) port);
      if (address instanceof Inet6Address six) {
        return bytes.putInt(0).put(six.getAddress()).putInt(six.getScopeId()).flip();
      }
      return bytes.put(address.getAddress()).putLong(0).flip();
    }

    /** The address as in a URI: an IPv6 one in brackets, without a scope. */
    public String host() {
      String text = address.getHostAddress();
      int scope = text.indexOf('%');
      String bare = scope < 0 ? text : text.substring(0, scope);
      return family() == AF_INET6 ? "[" + compressed(bare) + "]" : bare;
    }

    /** InetAddress writes 0:0:0:0:0:0:0:1; getnameinfo(3), and so QEMU, writes ::1. */
    private static String compressed(String six) {
      return InetAddresses.toAddrString(InetAddresses.forString(six));
    }
  }

  /** Any other family. */
  record Other(int family) implements SocketName {
    @Override
    public ByteBuffer encode() {
      throw new IllegalStateException("address family " + family);
    }
  }

  /** Reads what the kernel wrote. */
  static SocketName decode(ByteBuffer bytes, int length) {
    bytes.order(ByteOrder.nativeOrder());
    int family = length < 2 ? 0 : bytes.getShort(0);
    return switch (family) {
      case AF_UNIX -> new Unix(path(bytes, Math.min(length, MAX_BYTES)));
      case AF_INET -> inet(bytes, 4, 4);
      case AF_INET6 -> inet(bytes, 8, 16);
      default -> new Other(family);
    };
  }

  private static String path(ByteBuffer bytes, int length) {
    int end = 2;
    while (end < length && bytes.get(end) != 0) {
      end++;
    }
    byte[] path = new byte[Math.min(end - 2, MAX_UNIX_PATH)];
    bytes.get(2, path);
    return new String(path, StandardCharsets.UTF_8);
  }

  private static SocketName inet(ByteBuffer bytes, int offset, int size) {
    byte[] address = new byte[size];
    bytes.get(offset, address);
    int port = (bytes.get(2) & 0xff) << 8 | bytes.get(3) & 0xff;
    try {
      return new Inet(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + size + " bytes", e);
    }
  }

  private static ByteBuffer sockaddr(int family) {
    return ByteBuffer.allocateDirect(MAX_BYTES)
        .order(ByteOrder.nativeOrder())
        .putShort((short) family);
  }
}
