package dev.dunlin.core.net.link;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.KeyValueList.Entry;
import dev.dunlin.core.cli.OptionException;
import java.util.Set;

/**
 * The stricter grammar that {@code -netdev} has for the types that came with QEMU 7.2: no flags,
 * and other words (netdev_parse_modern in net/net.c).
 */
final class ModernOptions {
  private ModernOptions() {}

  static void refuseFlags(KeyValueList options) throws OptionException {
    for (Entry entry : options.entries()) {
      if (entry.flag()) {
        String written = (entry.value().equals("off") ? "no" : "") + entry.key();
        throw new OptionException("Expected '=' after parameter '" + written + "'");
      }
    }
  }

  static void refuseUnknown(KeyValueList options, Set<String> known) throws OptionException {
    for (Entry entry : options.entries()) {
      if (!known.contains(entry.key())) {
        throw new OptionException("Parameter '" + entry.key() + "' is unexpected");
      }
    }
  }
}
