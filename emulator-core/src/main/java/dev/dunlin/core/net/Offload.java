package dev.dunlin.core.net;

import dev.dunlin.core.net.frame.Frame;

/**
 * What a receiver of frames does itself (the VIRTIO_NET_F_GUEST_ bits of virtio 1.2 section 5.1.3):
 * a frame with a wish that isn't among these must be finished by its sender.
 *
 * @param checksum fills in a partial checksum, or never looks at it
 * @param tcp4 takes TCP over IPv4 of up to 64 KiB, to be segmented
 * @param tcp6 the same over IPv6
 */
public record Offload(boolean checksum, boolean tcp4, boolean tcp6) {
  public static final Offload NONE = new Offload(false, false, false);
  public static final Offload ALL = new Offload(true, true, true);

  /** Whether a frame to be cut that way is taken whole. */
  public boolean takes(Frame.Gso gso) {
    return switch (gso) {
      case NONE -> true;
      case TCP_V4 -> tcp4;
      case TCP_V6 -> tcp6;
      case UDP -> false;
    };
  }

  /** What both can take. */
  public Offload and(Offload other) {
    return new Offload(checksum && other.checksum, tcp4 && other.tcp4, tcp6 && other.tcp6);
  }
}
