package dev.dunlin.slirp;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.address.Ipv4Address;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code net=ADDRESS[/LENGTH|/MASK]}: a network without its host bits. A mask that isn't given is
 * guessed from the address, by the classes of old and the private ranges (net/slirp.c).
 */
record NetworkOption(Ipv4Address address, int mask) {
  private static final Pattern LENGTH = Pattern.compile("\\s*([+-]?[0-9]{1,9})?");

  static NetworkOption parse(String text) throws OptionException {
    int slash = text.indexOf('/');
    Ipv4Address address = address(slash < 0 ? text : text.substring(0, slash));
    int mask = slash < 0 ? guess(address.bits()) : mask(text.substring(slash + 1));
    return new NetworkOption(new Ipv4Address(address.bits() & mask), mask);
  }

  private static Ipv4Address address(String text) throws OptionException {
    return Ipv4Address.parse(text)
        .orElseThrow(() -> new OptionException("Failed to parse netmask"));
  }

  private static int mask(String text) throws OptionException {
    Matcher matcher = LENGTH.matcher(text);
    if (!matcher.matches()) {
      return Ipv4Address.parse(text)
          .orElseThrow(() -> new OptionException("Failed to parse netmask (trailing chars)"))
          .bits();
    }
    String digits = matcher.group(1);
    int length = digits == null ? 0 : Integer.parseInt(digits);
    if (length < 4 || length > 32) {
      throw new OptionException("Invalid netmask provided (must be in range 4-32)");
    }
    return ofLength(length);
  }

  private static int guess(int bits) {
    if (bits >= 0) {
      return ofLength(8);
    }
    if (startsWith(bits, 0xac100000, 12)) {
      return ofLength(12);
    }
    if (startsWith(bits, 0xc0a80000, 16)) {
      return ofLength(16);
    }
    if (startsWith(bits, 0xc6120000, 15)) {
      return ofLength(15);
    }
    if (startsWith(bits, 0x80000000, 2)) {
      return ofLength(16);
    }
    return startsWith(bits, 0xc0000000, 3) ? ofLength(24) : ofLength(28);
  }

  private static boolean startsWith(int bits, int prefix, int length) {
    return (bits & ofLength(length)) == prefix;
  }

  private static int ofLength(int length) {
    return -1 << (32 - length);
  }
}
