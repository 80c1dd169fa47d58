package dev.dunlin.slirp.forward;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/** Where the host listens. */
public sealed interface HostEndpoint {
  record Tcp(InetSocketAddress address) implements HostEndpoint {}

  record Udp(InetSocketAddress address) implements HostEndpoint {}

  record Unix(Path path) implements HostEndpoint {}
}
