package dev.dunlin.slirp.host;

import dev.dunlin.slirp.tcp.TcpConnector;
import dev.dunlin.slirp.tcp.TcpHost;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/** Connects to the outside for a guest: one socket of the host's a connection. */
public final class TcpSockets implements TcpConnector {
  private final HostLoop host;

  public TcpSockets(HostLoop host) {
    this.host = host;
  }

  @Override
  public Optional<TcpHost> connect(
      IpAddr guest,
      int guestPort,
      IpAddr destination,
      int port,
      TcpHost.Listener listener,
      long now) {
    try {
      return Optional.of(HostStream.connectAtOnce(host, destination, port, listener, now));
    } catch (IOException e) {
      // Out of descriptors: the guest is refused and may try again.
      LogManager.getLogger(TcpSockets.class).warn("no socket for the guest: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
