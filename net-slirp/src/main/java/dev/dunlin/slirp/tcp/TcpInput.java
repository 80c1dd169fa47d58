package dev.dunlin.slirp.tcp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.ip.TransportInput;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.Ipv4View;

/** TCP over IPv4 from the guest. Only a single host has connections (RFC 9293 section 3.9.2.3). */
public final class TcpInput implements TransportInput {
  private final Routing routing;
  private final TcpEngine engine;
  private final DropCounters drops;

  public TcpInput(Routing routing, TcpEngine engine, DropCounters drops) {
    this.routing = routing;
    this.engine = engine;
    this.drops = drops;
  }

  @Override
  public void receive(Frame frame, Ipv4View ip, long now) {
    if (routing.classify(ip.destination()) == Routing.Destination.BROADCAST) {
      drops.drop(frame, DropReason.IP_DESTINATION);
    } else if (!routing.isGuestSource(ip.source())) {
      drops.drop(frame, DropReason.IP_SOURCE);
    } else {
      engine.receive(frame, IpAddr.v4(ip.source()), IpAddr.v4(ip.destination()), now);
    }
  }
}
