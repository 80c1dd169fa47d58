package dev.dunlin.launcher.stream;

/** Amounts as people read them. */
final class Quantity {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Quantity() {}

  /** {@code 16 MiB}, {@code 1.5 GiB}, {@code 17 bytes}. */
  static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 1024 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    return amount == Math.rint(amount)
        ? "%.0f %s".formatted(amount, UNITS[unit])
        : "%.1f %s".formatted(amount, UNITS[unit]);
  }

  static String hex(long number) {
    return "0x" + Long.toHexString(number);
  }

  /** {@code 1 page}, {@code 2 pages}. */
  static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
