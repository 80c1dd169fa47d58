package dev.dunlin.slirp.forward;

import dev.dunlin.core.cli.Numbers;
import java.util.Optional;
import java.util.OptionalLong;

/** One port or {@code FIRST..LAST}, Dunlin's own spelling; QEMU has no ranges. */
public record PortRange(int first, int last) {

  /**
   * A port in any base, as QEMU's {@code hostfwd} reads it; nothing at all is port 0. In a range
   * both ends must be ports.
   */
  static Optional<PortRange> parse(String text, int least) {
    int dots = text.indexOf("..");
    if (dots < 0) {
      OptionalLong port = text.isEmpty() ? zero(least) : Numbers.within(text, least, 0xffff);
      return port.isEmpty() ? Optional.empty() : Optional.of(single((int) port.getAsLong()));
    }
    OptionalLong first = Numbers.within(text.substring(0, dots), 1, 0xffff);
    OptionalLong last = Numbers.within(text.substring(dots + 2), 1, 0xffff);
    boolean ordered =
        first.isPresent() && last.isPresent() && first.getAsLong() <= last.getAsLong();
    return ordered
        ? Optional.of(new PortRange((int) first.getAsLong(), (int) last.getAsLong()))
        : Optional.empty();
  }

  private static OptionalLong zero(int least) {
    return least == 0 ? OptionalLong.of(0) : OptionalLong.empty();
  }

  static PortRange single(int port) {
    return new PortRange(port, port);
  }

  int count() {
    return last - first + 1;
  }

  @Override
  public String toString() {
    return first == last ? String.valueOf(first) : first + ".." + last;
  }
}
