package dev.dunlin.slirp.address;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** An IPv4 address, in host order. */
public record Ipv4Address(int bits) {
  public static final Ipv4Address ANY = new Ipv4Address(0);

  /**
   * inet_aton(3): one to four numbers, each in any base, the last filling what is left; white space
   * ends the address.
   */
  public static Optional<Ipv4Address> parse(String text) {
    int end = 0;
    while (end < text.length() && !isSpace(text.charAt(end))) {
      end++;
    }
    String[] parts = text.substring(0, end).split("\\.", -1);
    if (parts.length > 4) {
      return Optional.empty();
    }
    long bits = 0;
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      long limit = last ? 1L << (8 * (5 - parts.length)) : 0x100;
      Optional<Long> value = number(parts[i]);
      if (value.isEmpty() || value.get() >= limit) {
        return Optional.empty();
      }
      bits |= last ? value.get() : value.get() << (24 - 8 * i);
    }
    return Optional.of(new Ipv4Address((int) bits));
  }

  private static Optional<Long> number(String text) {
    boolean hex = text.startsWith("0x") || text.startsWith("0X");
    boolean octal = !hex && text.length() > 1 && text.startsWith("0");
    String digits = hex ? text.substring(2) : text;
    int base = hex ? 16 : octal ? 8 : 10;
    boolean clean =
        !digits.isEmpty()
            && digits.length() <= 12
            && digits.chars().allMatch(c -> c < 0x80 && Character.digit(c, base) >= 0);
    return clean ? Optional.of(Long.parseLong(digits, base)) : Optional.empty();
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  public boolean isAny() {
    return bits == 0;
  }

  /** Whether this address and another agree where the mask has ones. */
  public boolean sameNetwork(Ipv4Address other, int mask) {
    return (bits & mask) == (other.bits & mask);
  }

  /** This address as a network's, with the host's part of another. */
  public Ipv4Address withHost(int host, int mask) {
    return new Ipv4Address(bits | (host & ~mask));
  }

  public Inet4Address toInetAddress() {
    byte[] octets = {(byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits};
    try {
      return (Inet4Address) InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }
}
