package dev.dunlin.slirp.udp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A UDP socket of the host connected to one remote end. */
public interface DatagramFlow {
  /**
   * Sends what remains in {@code payload} as one datagram; it is valid during the call, and only
   * its remaining part is the caller's to read. Never blocks: a socket without room drops. May call
   * {@link Listener#failed} before it returns.
   *
   * @param dontFragment whether a datagram that is too long for the path fails ({@link
   *     Listener#failed} tells the path's MTU) and isn't cut
   */
  void send(ByteBuffer payload, int ttl, int tos, boolean dontFragment);

  /** The host's number for the socket, as {@code info usernet} shows it. */
  int descriptor();

  /** Idempotent; no listener call comes after it. */
  void close();

  /** Hears what the socket got. On the loop. */
  interface Listener {
    /**
     * Takes the frame, whose whole content is the payload: read straight behind its header room.
     */
    void received(Frame payload, long now);

    void failed(HostFailure failure, long now);
  }

  /** Opens sockets toward the outside. */
  @FunctionalInterface
  interface Factory {
    /**
     * Opens a socket for a guest's end. An implementation may give two flows of one guest end the
     * same local port, so that peers see one sender.
     */
    DatagramFlow open(
        IpAddr guest, int guestPort, IpAddr destination, int destinationPort, Listener listener)
        throws IOException;
  }
}
