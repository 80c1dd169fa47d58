package dev.dunlin.slirp.udp;

import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;

/** A forwarded UDP port of the host: where its datagrams go and how answers get back. */
public interface UdpForward {
  IpAddr guest();

  int guestPort();

  /** The host's number for the socket, as {@code info usernet} shows it. */
  int descriptor();

  /** Sends an answer from the forward's own socket; {@code payload} is valid during the call. */
  void reply(ByteBuffer payload, IpAddr peer, int peerPort);
}
