package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.core.posix.SocketName;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** {@code -netdev socket}: streams and datagrams in the spelling of old (net/socket.c). */
final class SocketFactory implements NetBackendFactory {
  private static final Set<String> KEYS =
      Set.of("fd", "listen", "connect", "mcast", "localaddr", "udp");

  private final LinkHost host;

  SocketFactory(LinkHost host) {
    this.host = host;
  }

  @Override
  public String type() {
    return "socket";
  }

  @Override
  public NetBackend create(String name, KeyValueList options) throws OptionException {
    options.refuseUnknown(KEYS);
    long ways = KEYS.stream().filter(key -> !key.equals("localaddr")).filter(options::has).count();
    if (ways != 1) {
      throw new OptionException("exactly one of listen=, connect=, mcast= or udp= is required");
    }
    boolean localAllowed = options.has("mcast") || options.has("udp") || options.has("fd");
    if (options.has("localaddr") && !localAllowed) {
      throw new OptionException("localaddr= is only valid with mcast= or udp=");
    }
    if (options.has("fd")) {
      return new PassedLink(name, options.required("fd"), host);
    }
    if (options.has("listen")) {
      return stream(name, options.required("listen"), true);
    }
    if (options.has("connect")) {
      return stream(name, options.required("connect"), false);
    }
    return new DatagramLink(name, options.has("mcast") ? group(options) : pair(options), host);
  }

  private NetBackend stream(String name, String text, boolean server) throws OptionException {
    SocketName.Inet endpoint = Inet4Endpoints.endpoint(text);
    Tcp address = new Tcp(endpoint.host(), String.valueOf(endpoint.port()), 0, true, false);
    return new StreamLink(
        name, new StreamSpec(address, server, Duration.ZERO, StreamSpec.Words.SOCKET), host);
  }

  private static DatagramSpec group(KeyValueList options) throws OptionException {
    SocketName.Inet group =
        Inet4Endpoints.group(Inet4Endpoints.endpoint(options.required("mcast")));
    Optional<Inet4Address> local = Optional.empty();
    if (options.has("localaddr")) {
      local = Optional.of(Inet4Endpoints.literal(options.required("localaddr")));
    }
    return new DatagramSpec(
        new DatagramSpec.Group(group, local), "socket: mcast=" + group.host() + ":" + group.port());
  }

  private static DatagramSpec pair(KeyValueList options) throws OptionException {
    if (!options.has("localaddr")) {
      throw new OptionException("localaddr= is mandatory with udp=");
    }
    SocketName.Inet local = Inet4Endpoints.endpoint(options.required("localaddr"));
    SocketName.Inet remote = Inet4Endpoints.endpoint(options.required("udp"));
    return new DatagramSpec(
        new DatagramSpec.Pair(local, remote), "socket: udp=" + remote.host() + ":" + remote.port());
  }

  /** As in qapi/net.json, NetdevSocketOptions. */
  @Override
  public ImmutableList<Parameter> qmpParameters() {
    return KEYS.stream()
        .sorted()
        .map(key -> Parameter.optional(key, QmpType.STRING))
        .collect(ImmutableList.toImmutableList());
  }
}
