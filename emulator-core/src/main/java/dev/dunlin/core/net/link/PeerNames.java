package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.SocketName.Inet;
import dev.dunlin.core.posix.SocketName.Unix;

/** Addresses of peers as QEMU writes them (socket_uri in util/qemu-sockets.c). */
final class PeerNames {
  private PeerNames() {}

  /** {@code tcp:127.0.0.1:80}, {@code unix:/tmp/s}. */
  static String uri(SocketName name) {
    if (name instanceof Unix unix) {
      return "unix:" + unix.path();
    }
    return name instanceof Inet ? "tcp:" + endpoint(name) : name.toString();
  }

  /** {@code 127.0.0.1:80}. */
  static String endpoint(SocketName name) {
    if (name instanceof Unix unix) {
      return unix.path();
    }
    return name instanceof Inet inet ? inet.host() + ":" + inet.port() : name.toString();
  }

  /** A SocketAddress of qapi/sockets.json. */
  static ImmutableMap<String, Object> toQmp(SocketName name) {
    if (name instanceof Inet inet) {
      String host = inet.host();
      boolean six = host.startsWith("[");
      return ImmutableMap.of(
          (six ? "ipv6" : "ipv4"),
          true,
          "host",
          six ? host.substring(1, host.length() - 1) : host,
          "port",
          String.valueOf(inet.port()),
          "type",
          "inet");
    }
    return ImmutableMap.of("path", name instanceof Unix unix ? unix.path() : "", "type", "unix");
  }
}
