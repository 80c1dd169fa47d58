package dev.dunlin.slirp.host;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.udp.UdpForward;
import dev.dunlin.slirp.wire.IpAddr;

/** The guest behind the forwards, as far as there is one. On the network's thread. */
public interface ForwardSink {

  /**
   * Offers a connection; false when no guest can be reached, and it is reset.
   *
   * @param peer of a unix connection: {@link IpAddr#LOOPBACK_V4}
   */
  boolean connection(DirectSocket connection, HostForward forward, IpAddr peer, int peerPort);

  /** Offers a datagram; false when no guest can be reached, and it is the caller's to drop. */
  boolean datagram(Frame payload, UdpForward forward, IpAddr peer, int peerPort);

  /** A port of the host isn't forwarded any more. */
  void removed(UdpForward forward);
}
