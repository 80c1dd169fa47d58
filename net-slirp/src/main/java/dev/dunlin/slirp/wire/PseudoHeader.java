package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Checksum;

/** The sum of the header that transports add to their checksum: RFC 793, RFC 8200 section 8.1. */
public final class PseudoHeader {
  private PseudoHeader() {}

  /** For a running {@link Checksum}; both addresses are of one family. */
  public static long sum(IpAddr source, IpAddr destination, int protocol, int length) {
    if (source.isV4()) {
      return Checksum.pseudoV4(source.v4(), destination.v4(), protocol, length);
    }
    return halves(source.hi())
        + halves(source.lo())
        + halves(destination.hi())
        + halves(destination.lo())
        + protocol
        + length;
  }

  private static long halves(long value) {
    return (value >>> 32) + (value & 0xffff_ffffL);
  }
}
