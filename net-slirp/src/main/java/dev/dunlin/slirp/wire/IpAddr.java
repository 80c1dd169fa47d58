package dev.dunlin.slirp.wire;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An address of either family as two longs; IPv4 is kept as its mapped form {@code ::ffff:a.b.c.d},
 * so one table serves both families. Immutable, compared by value, any thread.
 *
 * <p>A small direct-mapped cache keeps the addresses in use from being allocated per packet. Its
 * races are harmless: entries are immutable and the worst case is a new object.
 */
public final class IpAddr {
  private static final long MAPPED = 0xffff_0000_0000L;
  private static final int CACHE_SIZE = 1024;
  private static final IpAddr[] CACHE = new IpAddr[CACHE_SIZE];

  public static final IpAddr ANY_V4 = v4(0);
  public static final IpAddr LOOPBACK_V4 = v4(0x7f000001);
  public static final IpAddr BROADCAST_V4 = v4(-1);
  public static final IpAddr ANY_V6 = of(0, 0);
  public static final IpAddr LOOPBACK_V6 = of(0, 1);

  private final long hi;
  private final long lo;

  private IpAddr(long hi, long lo) {
    this.hi = hi;
    this.lo = lo;
  }

  /** An IPv4 address from its 32 bits. */
  public static IpAddr v4(int bits) {
    return of(0, MAPPED | (bits & 0xffff_ffffL));
  }

  /** An address from its 128 bits; mapped IPv4 becomes IPv4. */
  @SuppressWarnings("ReferenceEquality") // an empty cache slot is null
  public static IpAddr of(long hi, long lo) {
    int slot = slot(hi, lo);
    IpAddr cached = CACHE[slot];
    if (cached != null && cached.hi == hi && cached.lo == lo) {
      return cached;
    }
    IpAddr fresh = new IpAddr(hi, lo);
    CACHE[slot] = fresh;
    return fresh;
  }

  public static IpAddr of(InetAddress address) {
    byte[] raw = address.getAddress();
    ByteBuffer bytes = ByteBuffer.wrap(raw);
    return raw.length == 4 ? v4(bytes.getInt()) : of(bytes.getLong(), bytes.getLong());
  }

  /** The 16 bytes at {@code index}. */
  public static IpAddr readV6(ByteBuffer bytes, int index) {
    return of(bytes.getLong(index), bytes.getLong(index + 8));
  }

  /** A literal of either family; never asks a resolver. Throws IllegalArgumentException. */
  public static IpAddr parse(String literal) {
    return of(InetAddresses.forString(literal));
  }

  /** Whether {@link #parse} would take it. */
  public static boolean isLiteral(String text) {
    return InetAddresses.isInetAddress(text);
  }

  public boolean isV4() {
    return hi == 0 && (lo & 0xffff_ffff_0000_0000L) == MAPPED;
  }

  /** The 32 bits of an IPv4 address. */
  public int v4() {
    if (!isV4()) {
      throw new IllegalStateException(this + " isn't IPv4");
    }
    return (int) lo;
  }

  public long hi() {
    return hi;
  }

  public long lo() {
    return lo;
  }

  public boolean isUnspecified() {
    return isV4() ? (int) lo == 0 : hi == 0 && lo == 0;
  }

  /** 127/8 or ::1. */
  public boolean isLoopback() {
    return isV4() ? (v4() >>> 24) == 127 : hi == 0 && lo == 1;
  }

  /** 224/4 or ff00::/8. */
  public boolean isMulticast() {
    return isV4() ? (v4() >>> 28) == 0xe : (hi >>> 56) == 0xff;
  }

  /** 169.254/16 or fe80::/10. */
  public boolean isLinkLocal() {
    return isV4() ? (v4() >>> 16) == 0xa9fe : (hi >>> 54) == 0x3fa;
  }

  /** 10/8, 172.16/12, 192.168/16 (RFC 1918), fc00::/7 (RFC 4193). */
  public boolean isPrivate() {
    if (!isV4()) {
      return (hi >>> 57) == 0x7e;
    }
    int bits = v4();
    return bits >>> 24 == 10 || bits >>> 20 == 0xac1 || bits >>> 16 == 0xc0a8;
  }

  /** Whether both lie in the same prefix; of different families never. */
  public boolean inPrefix(IpAddr network, int length) {
    if (isV4() != network.isV4()) {
      return false;
    }
    int bits = isV4() ? length + 96 : length;
    if (bits <= 64) {
      return bits == 0 || (hi ^ network.hi) >>> (64 - bits) == 0;
    }
    return hi == network.hi && (lo ^ network.lo) >>> (128 - bits) == 0;
  }

  /** 4 or 16 bytes, as the family has. */
  public byte[] toBytes() {
    return isV4()
        ? ByteBuffer.allocate(4).putInt(v4()).array()
        : ByteBuffer.allocate(16).putLong(hi).putLong(lo).array();
  }

  /** For the host's sockets; allocates. */
  public InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(toBytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 bytes are always an address", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IpAddr that && hi == that.hi && lo == that.lo;
  }

  @Override
  public int hashCode() {
    long mix = (hi * 0x9e3779b97f4a7c15L ^ lo) * 0x9e3779b97f4a7c15L;
    return (int) (mix >>> 32);
  }

  @Override
  public String toString() {
    if (isV4()) {
      return formatV4(v4());
    }
    InetAddress address = toInetAddress();
    return address instanceof Inet4Address
        ? address.getHostAddress()
        : InetAddresses.toAddrString(address);
  }

  /** Dotted quad of 32 bits. */
  public static String formatV4(int bits) {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }

  private static int slot(long hi, long lo) {
    long mix = (hi * 0x9e3779b97f4a7c15L ^ lo) * 0x9e3779b97f4a7c15L;
    return (int) (mix >>> 54);
  }
}
