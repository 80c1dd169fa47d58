package dev.dunlin.slirp.host;

import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.slirp.tcp.TcpConnector;
import dev.dunlin.slirp.tcp.TcpHost;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/** A unix socket of the host's that answers a guest's connections, one of its own for each. */
public final class UnixConnector implements TcpConnector {
  private final HostLoop host;
  private final SocketName.Unix name;

  public UnixConnector(HostLoop host, SocketName.Unix name) {
    this.host = host;
    this.name = name;
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
      StreamSocket socket = StreamSocket.open(SocketName.AF_UNIX);
      try {
        // Over a unix socket it stands at once or not at all (unix(7)).
        socket.connect(name);
      } catch (PosixException e) {
        socket.close();
        throw e;
      }
      HostStream stream = HostStream.accepted(host, DirectSocket.adopt(socket), listener);
      listener.connected(now);
      return Optional.of(stream);
    } catch (PosixException e) {
      LogManager.getLogger(UnixConnector.class)
          .warn("guest forward to {}: {}", name.path(), e.errorText());
      return Optional.empty();
    }
  }
}
