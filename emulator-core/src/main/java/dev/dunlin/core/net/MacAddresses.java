package dev.dunlin.core.net;

import java.util.HashSet;
import java.util.Set;

/** Gives each card without an address the next free one of QEMU's range (net/net.c). */
final class MacAddresses {
  private final Set<MacAddress> used = new HashSet<>();

  /** The address itself, or a free one when it is unset. */
  MacAddress take(MacAddress wanted) {
    MacAddress address = wanted.isUnset() ? firstFree() : wanted;
    used.add(address);
    return address;
  }

  private MacAddress firstFree() {
    long first = MacAddress.FIRST_DEFAULT.bits();
    long block = first & ~0xffL;
    for (int i = 0; i < 0x100; i++) {
      MacAddress candidate = new MacAddress(block | ((first + i) & 0xff));
      if (!used.contains(candidate)) {
        return candidate;
      }
    }
    return MacAddress.FIRST_DEFAULT;
  }
}
