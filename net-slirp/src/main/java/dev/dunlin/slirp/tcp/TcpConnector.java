package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;

/** Opens the host's side of a connection that the guest asks for. */
@FunctionalInterface
public interface TcpConnector {
  /**
   * Begins to connect. Empty when nobody is there or nobody may go there: the guest is refused.
   * {@code listener} may be called before this returns.
   */
  Optional<TcpHost> connect(
      IpAddr guest,
      int guestPort,
      IpAddr destination,
      int port,
      TcpHost.Listener listener,
      long now);
}
