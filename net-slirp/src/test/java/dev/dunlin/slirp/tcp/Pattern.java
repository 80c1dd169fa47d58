package dev.dunlin.slirp.tcp;

/** Text that tells its own place in a stream, so that a test needs no copy to compare with. */
public final class Pattern {
  private Pattern() {}

  public static byte at(long position) {
    long mixed = position * 0x9e3779b97f4a7c15L;
    return (byte) (mixed >>> 40);
  }
}
