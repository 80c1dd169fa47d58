package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Chooses who answers a guest's SYN: a service bound to its destination (the name server, a guest
 * forward, the share), else a socket to the host's address behind it. Bound by what the
 * configuration binds.
 */
public final class TcpDestinations implements TcpConnector {
  private final Map<Endpoint, TcpConnector> services = new HashMap<>();
  private final Routing routing;
  private final TcpConnector sockets;
  private BiPredicate<IpAddr, Integer> forbidden = (address, port) -> false;

  private record Endpoint(IpAddr address, int port) {}

  public TcpDestinations(Routing routing, TcpConnector sockets) {
    this.routing = routing;
    this.sockets = sockets;
  }

  /** Keeps guests from these addresses and ports of the host. */
  public void forbid(BiPredicate<IpAddr, Integer> endpoints) {
    forbidden = endpoints;
  }

  /** Binds a free address and port; a taken one is a bug in the assembly. */
  public void bind(IpAddr address, int port, TcpConnector service) {
    if (services.putIfAbsent(new Endpoint(address, port), service) != null) {
      throw new IllegalStateException("TCP " + address + ":" + port + " is taken");
    }
  }

  public boolean isFree(IpAddr address, int port) {
    return !services.containsKey(new Endpoint(address, port));
  }

  public void unbind(IpAddr address, int port) {
    services.remove(new Endpoint(address, port));
  }

  @Override
  public Optional<TcpHost> connect(
      IpAddr guest,
      int guestPort,
      IpAddr destination,
      int port,
      TcpHost.Listener listener,
      long now) {
    TcpConnector service = services.get(new Endpoint(destination, port));
    if (service != null) {
      return service.connect(guest, guestPort, destination, port, listener, now);
    }
    return hostAddress(destination)
        .filter(host -> !forbidden.test(host, port))
        .flatMap(host -> sockets.connect(guest, guestPort, host, port, listener, now));
  }

  /** IPv6 has no routing of its own yet: nobody is there. */
  private Optional<IpAddr> hostAddress(IpAddr destination) {
    return destination.isV4() ? routing.hostAddress(destination) : Optional.empty();
  }
}
