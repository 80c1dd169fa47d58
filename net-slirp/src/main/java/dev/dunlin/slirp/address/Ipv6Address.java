package dev.dunlin.slirp.address;

import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An IPv6 address, in host order. */
public record Ipv6Address(long high, long low) {

  /** inet_pton(3): RFC 4291's text forms, no zone, no brackets. */
  public static Optional<Ipv6Address> parse(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, true).filter(g -> g.size() == 8).map(Ipv6Address::of);
    }
    Optional<List<Integer>> before = groups(text.substring(0, gap), false);
    Optional<List<Integer>> after = groups(text.substring(gap + 2), true);
    if (before.isEmpty() || after.isEmpty()) {
      return Optional.empty();
    }
    int given = before.get().size() + after.get().size();
    if (given > 7) {
      return Optional.empty();
    }
    List<Integer> all = new ArrayList<>(before.get());
    for (int i = given; i < 8; i++) {
      all.add(0);
    }
    all.addAll(after.get());
    return Optional.of(of(all));
  }

  /** Colon-separated groups; the last two may be a dotted quad when {@code quadAtEnd}. */
  private static Optional<List<Integer>> groups(String text, boolean quadAtEnd) {
    List<Integer> groups = new ArrayList<>();
    if (text.isEmpty()) {
      return Optional.of(groups);
    }
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      if (last && quadAtEnd && parts[i].matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
        Optional<Ipv4Address> quad = decimalQuad(parts[i]);
        if (quad.isEmpty()) {
          return Optional.empty();
        }
        groups.add(quad.get().bits() >>> 16);
        groups.add(quad.get().bits() & 0xffff);
      } else if (parts[i].matches("[0-9A-Fa-f]{1,4}")) {
        groups.add(Integer.parseInt(parts[i], 16));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(groups);
  }

  private static Optional<Ipv4Address> decimalQuad(String text) {
    boolean leadingZero = text.matches("(.*\\.)?0\\d.*");
    return leadingZero ? Optional.empty() : Ipv4Address.parse(text);
  }

  private static Ipv6Address of(List<Integer> groups) {
    long high = 0;
    long low = 0;
    for (int i = 0; i < 4; i++) {
      high = high << 16 | groups.get(i);
      low = low << 16 | groups.get(i + 4);
    }
    return new Ipv6Address(high, low);
  }

  /** Whether this address and another agree in their first bits. */
  public boolean sameNetwork(Ipv6Address other, int prefixLength) {
    long highMask = prefixLength == 0 ? 0 : -1L << Math.max(0, 64 - prefixLength);
    long lowMask = prefixLength <= 64 ? 0 : -1L << (128 - prefixLength);
    return ((high ^ other.high) & highMask) == 0 && ((low ^ other.low) & lowMask) == 0;
  }

  /** This address with some more of its last bits set. */
  public Ipv6Address withHost(int host) {
    return new Ipv6Address(high, low | host);
  }

  public Inet6Address toInetAddress() {
    byte[] octets = new byte[16];
    for (int i = 0; i < 8; i++) {
      octets[i] = (byte) (high >>> (56 - 8 * i));
      octets[i + 8] = (byte) (low >>> (56 - 8 * i));
    }
    try {
      // Given a mapped IPv4 address, InetAddress.getByAddress would make an IPv4 one.
      return Inet6Address.getByAddress(null, octets, -1);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen bytes are an address", e);
    }
  }

  /** RFC 5952: lower case, the longest run of zero groups shortened. */
  @Override
  public String toString() {
    int[] groups = new int[8];
    for (int i = 0; i < 4; i++) {
      groups[i] = (int) (high >>> (48 - 16 * i)) & 0xffff;
      groups[i + 4] = (int) (low >>> (48 - 16 * i)) & 0xffff;
    }
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && groups[i + length] == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
      } else {
        boolean colon = i > 0 && text.charAt(text.length() - 1) != ':';
        text.append(colon ? ":" : "").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
