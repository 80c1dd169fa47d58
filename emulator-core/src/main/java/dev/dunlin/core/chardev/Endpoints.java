package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.ChardevSpec.Unix;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.SocketName.Inet;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Turns what a user wrote into addresses to bind or to connect to (util/qemu-sockets.c). */
public final class Endpoints {
  private Endpoints() {}

  /** In the order in which they are to be tried; at least one. */
  public static ImmutableList<SocketName> resolve(Address address, boolean server)
      throws OptionException {
    if (address instanceof Unix unix) {
      return ImmutableList.of(new SocketName.Unix(unix.path()));
    }
    if (address instanceof Tcp tcp) {
      return inet(tcp, server);
    }
    throw new IllegalArgumentException("no address to resolve: " + address);
  }

  /** The address as messages show it: {@code 127.0.0.1:80}, or the path. */
  public static String describe(Address address) {
    if (address instanceof Unix unix) {
      return unix.path();
    }
    return address instanceof Tcp tcp ? tcp.host() + ":" + tcp.port() : address.toString();
  }

  private static ImmutableList<SocketName> inet(Tcp tcp, boolean server) throws OptionException {
    int port = port(tcp);
    int last = server ? Math.max(port, tcp.lastPort()) : port;
    ImmutableList.Builder<SocketName> names = ImmutableList.builder();
    for (InetAddress host : hosts(tcp, server)) {
      for (int each = port; each <= last; each++) {
        names.add(new Inet(host, each));
      }
    }
    return names.build();
  }

  private static int port(Tcp tcp) throws OptionException {
    Integer port = Ints.tryParse(tcp.port());
    if (port == null || port < 0 || port > 65535) {
      throw unresolved(tcp, "Servname not supported for ai_socktype");
    }
    return port;
  }

  private static ImmutableList<InetAddress> hosts(Tcp tcp, boolean server) throws OptionException {
    try {
      InetAddress[] all =
          tcp.host().isEmpty() && server
              ? new InetAddress[] {InetAddress.getByName(tcp.ipv4() ? "0.0.0.0" : "::")}
              : InetAddress.getAllByName(nonEmpty(tcp.host()));
      ImmutableList<InetAddress> wanted =
          Arrays.stream(all)
              .filter(each -> each instanceof Inet4Address ? tcp.ipv4() : tcp.ipv6())
              .collect(ImmutableList.toImmutableList());
      if (wanted.isEmpty()) {
        throw unresolved(tcp, "Address family for hostname not supported");
      }
      return wanted;
    } catch (UnknownHostException e) {
      throw unresolved(tcp, "Name or service not known");
    }
  }

  /** An empty name would be the loopback address to InetAddress. */
  private static String nonEmpty(String host) throws UnknownHostException {
    if (host.isEmpty()) {
      throw new UnknownHostException(host);
    }
    return host;
  }

  private static OptionException unresolved(Tcp tcp, String reason) {
    return new OptionException(
        "address resolution failed for " + tcp.host() + ":" + tcp.port() + ": " + reason);
  }
}
