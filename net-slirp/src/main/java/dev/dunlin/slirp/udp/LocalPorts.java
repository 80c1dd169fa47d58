package dev.dunlin.slirp.udp;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which service of ours has which UDP port. Bound by what the services bind: four fixed ports and
 * one for each TFTP session.
 */
public final class LocalPorts {
  private final Map<Endpoint, UdpService> services = new HashMap<>();

  /** Ports that any of our addresses has: tells most datagrams apart without making a key. */
  private final BitSet boundPorts = new BitSet();

  private record Endpoint(IpAddr address, int port) {}

  /** Binds a free port; a taken one is a bug in the assembly. */
  public void bind(IpAddr address, int port, UdpService service) {
    if (services.putIfAbsent(new Endpoint(address, port), service) != null) {
      throw new IllegalStateException("UDP " + address + ":" + port + " is taken");
    }
    boundPorts.set(port);
  }

  public boolean isFree(IpAddr address, int port) {
    return !services.containsKey(new Endpoint(address, port));
  }

  public void unbind(IpAddr address, int port) {
    services.remove(new Endpoint(address, port));
    boundPorts.set(port, services.keySet().stream().anyMatch(bound -> bound.port() == port));
  }

  @Nullable UdpService find(IpAddr address, int port) {
    return boundPorts.get(port) ? services.get(new Endpoint(address, port)) : null;
  }
}
