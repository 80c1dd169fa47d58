package dev.dunlin.core.posix;

import java.nio.ByteBuffer;

/**
 * A sockaddr_in or sockaddr_in6 in native memory, used again and again: what a datagram's peer is
 * told by without an object for each. IPv4 addresses appear as their mapped form, {@code
 * ::ffff:a.b.c.d}, as 128 bits. One thread.
 */
public final class InetName {
  static final int BYTES = 28;
  private static final int PORT = 2;
  private static final int V4_ADDRESS = 4;
  private static final int V6_FLOW = 4;
  private static final int V6_ADDRESS = 8;
  private static final int V6_SCOPE = 24;
  private static final int V4_BYTES = 16;
  private static final long MAPPED = 0xffff_0000_0000L;

  private final ByteBuffer bytes;
  private final int start;

  public InetName() {
    this(NativeBytes.allocate(BYTES), 0);
  }

  /** A view of the sockaddr at {@code start}, which the kernel writes. */
  InetName(ByteBuffer bytes, int start) {
    this.bytes = bytes;
    this.start = start;
  }

  /** An endpoint by the 128 bits of its address, in mapped form if it is IPv4. */
  public InetName set(long hi, long lo, int port) {
    return set(hi, lo, port, 0);
  }

  /**
   * @param scope the interface that an IPv6 link-local address belongs to, 0 for none
   */
  public InetName set(long hi, long lo, int port, int scope) {
    boolean four = isMapped(hi, lo);
    bytes.putShort(start, (short) (four ? SocketName.AF_INET : SocketName.AF_INET6));
    bytes.put(start + PORT, (byte) (port >>> 8)).put(start + PORT + 1, (byte) port);
    if (four) {
      putBig(V4_ADDRESS, lo << 32, 4);
      bytes.putLong(start + V4_ADDRESS + 4, 0);
    } else {
      bytes.putInt(start + V6_FLOW, 0);
      putBig(V6_ADDRESS, hi, 8);
      putBig(V6_ADDRESS + 8, lo, 8);
      bytes.putInt(start + V6_SCOPE, scope);
    }
    return this;
  }

  /** Whether it holds an address at all. */
  public boolean isInet() {
    int family = family();
    return family == SocketName.AF_INET || family == SocketName.AF_INET6;
  }

  /** The upper half of the address. */
  public long hi() {
    return family() == SocketName.AF_INET6 ? big(V6_ADDRESS, 8) : 0;
  }

  /** The lower half. */
  public long lo() {
    return family() == SocketName.AF_INET6 ? big(V6_ADDRESS + 8, 8) : MAPPED | big(V4_ADDRESS, 4);
  }

  public int port() {
    return (int) big(PORT, 2);
  }

  /** Whether it names this very endpoint. */
  public boolean is(long hi, long lo, int port) {
    return isInet() && port() == port && hi() == hi && lo() == lo;
  }

  int family() {
    return bytes.getShort(start);
  }

  int length() {
    return family() == SocketName.AF_INET ? V4_BYTES : BYTES;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  static boolean isMapped(long hi, long lo) {
    return hi == 0 && (lo & 0xffff_ffff_0000_0000L) == MAPPED;
  }

  private long big(int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | bytes.get(start + at + i) & 0xff;
    }
    return value;
  }

  private void putBig(int at, long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes.put(start + at + i, (byte) (value >>> (56 - 8 * i)));
    }
  }
}
