package dev.dunlin.core.net;

import com.google.common.base.Splitter;
import dev.dunlin.core.cli.Numbers;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** An Ethernet address: 48 bits. */
public record MacAddress(long bits) {
  private static final Pattern SIX_BYTES =
      Pattern.compile("[0-9A-Fa-f]{1,2}([:-][0-9A-Fa-f]{1,2}){5}");

  /** The first of the addresses that QEMU gives to cards without one. */
  static final MacAddress FIRST_DEFAULT = new MacAddress(0x52_54_00_12_34_56L);

  /**
   * Six bytes with colons or dashes, or one number, which is the lower three bytes
   * (net_parse_macaddr in net/net.c).
   */
  public static Optional<MacAddress> parse(String text) {
    OptionalLong number = text.isEmpty() ? OptionalLong.of(0) : Numbers.within(text, 0, 0xffffff);
    if (number.isPresent()) {
      return Optional.of(new MacAddress(number.getAsLong()));
    }
    if (!SIX_BYTES.matcher(text).matches()) {
      return Optional.empty();
    }
    long bits = 0;
    for (String part : Splitter.onPattern("[:-]").split(text)) {
      bits = bits << 8 | Integer.parseInt(part, 16);
    }
    return Optional.of(new MacAddress(bits));
  }

  public boolean isMulticast() {
    return (bits >> 40 & 1) == 1;
  }

  /** All zero, which QEMU takes for none. */
  boolean isUnset() {
    return bits == 0;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int shift = 40; shift >= 0; shift -= 8) {
      text.append(String.format("%02x", bits >> shift & 0xff)).append(shift > 0 ? ":" : "");
    }
    return text.toString();
  }
}
