package dev.dunlin.slirp.icmp;

import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A ping socket of the host (Linux: SOCK_DGRAM, IPPROTO_ICMP) connected to one destination. */
public interface EchoSocket {
  /** Sends an echo request; {@code data} is valid during the call. Never blocks. */
  void send(int sequence, ByteBuffer data, int ttl);

  /** The host's number for the socket, as {@code info usernet} shows it. */
  int descriptor();

  /** Idempotent; no listener call comes after it. */
  void close();

  /** Hears what the socket got. On the loop. */
  interface Listener {
    /** {@code data} is valid during the call. */
    void replied(int sequence, ByteBuffer data, int ttl, long now);

    void failed(HostFailure failure, long now);
  }

  /** Opens ping sockets. */
  @FunctionalInterface
  interface Factory {
    /**
     * Throws when the host allows none: on Linux the group must lie in net.ipv4.ping_group_range.
     */
    EchoSocket open(IpAddr destination, Listener listener) throws IOException;
  }
}
