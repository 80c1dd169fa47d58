package dev.dunlin.slirp.ip;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;

/** Tells a guest what became of its packet. Implementations limit their rate and obey RFC 1122. */
public interface IpErrors {
  /** About a packet at hand; the frame stays the caller's. */
  void report(IpError error, int mtu, Frame offending, long now);

  /**
   * About a packet of which only its beginning was kept: {@code quote} spans from the IP header on.
   * Its source is the one that gets the error.
   */
  void report(HostFailure failure, ByteBuffer quote, long now);

  /** The address an error claims to come from. */
  static IpAddr speaker(HostFailure failure, IpAddr destination, IpAddr gateway) {
    return failure.reporter().orElse(failure.error().isFromDestination() ? destination : gateway);
  }
}
