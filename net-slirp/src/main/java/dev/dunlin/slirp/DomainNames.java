package dev.dunlin.slirp;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Names that fit DHCP's search list (RFC 3397), which has DNS's own form (RFC 1035). */
final class DomainNames {
  private static final int MAX_LABEL = 63;
  private static final int MAX_NAME = 253;

  private DomainNames() {}

  /** Whether a name, with or without its last dot, has labels of 1 to 63 bytes. */
  static boolean isValid(String name) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (bare.getBytes(UTF_8).length > MAX_NAME) {
      return false;
    }
    for (String label : bare.split("\\.", -1)) {
      int length = label.getBytes(UTF_8).length;
      if (length < 1 || length > MAX_LABEL) {
        return false;
      }
    }
    return true;
  }
}
