package dev.dunlin.slirp.host;

import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;

/** Opens the listening sockets of forwards. On the network's thread. */
public final class Forwards {
  private final HostLoop host;
  private final ForwardSink sink;

  public Forwards(HostLoop host, ForwardSink sink) {
    this.host = host;
    this.sink = sink;
  }

  /** Binds and listens; nothing is left open when it fails. */
  public HostForward open(HostEndpoint at, IpAddr guest, int guestPort) throws IOException {
    if (at instanceof HostEndpoint.Udp udp) {
      return DatagramForward.open(host, sink, udp.address(), guest, guestPort);
    }
    return StreamForward.open(host, sink, at, guest, guestPort);
  }
}
