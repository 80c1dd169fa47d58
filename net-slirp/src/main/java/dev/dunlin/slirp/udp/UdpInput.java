package dev.dunlin.slirp.udp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.ip.TransportInput;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;
import java.util.Optional;

/** Every datagram from the guest: checked, then to a service of ours or to a flow. */
public final class UdpInput implements TransportInput {
  private final UdpView udp = new UdpView();
  private final Routing routing;
  private final LocalPorts ports;
  private final UdpFlows flows;
  private final IpErrors errors;
  private final DropCounters drops;

  public UdpInput(
      Routing routing, LocalPorts ports, UdpFlows flows, IpErrors errors, DropCounters drops) {
    this.routing = routing;
    this.ports = ports;
    this.flows = flows;
    this.errors = errors;
    this.drops = drops;
  }

  @Override
  public void receive(Frame frame, Ipv4View ip, long now) {
    if (!udp.wrap(frame.bytes(), frame.transport(), frame.end())) {
      drops.drop(frame, DropReason.UDP_MALFORMED);
      return;
    }
    IpAddr source = IpAddr.v4(ip.source());
    IpAddr destination = IpAddr.v4(ip.destination());
    if (!frame.checksumTrusted() && !udp.checksumValid(source, destination)) {
      drops.drop(frame, DropReason.UDP_CHECKSUM);
    } else if (udp.sourcePort() == 0 || udp.destinationPort() == 0) {
      // RFC 768 allows source 0 for "no answer wanted"; a relay has no socket that could send so.
      drops.drop(frame, DropReason.UDP_PORT_ZERO);
    } else {
      route(frame, ip, source, destination, now);
    }
  }

  private void route(Frame frame, Ipv4View ip, IpAddr source, IpAddr destination, long now) {
    boolean broadcast = routing.classify(ip.destination()) == Routing.Destination.BROADCAST;
    IpAddr station = broadcast ? routing.net().gateway() : destination;
    UdpService service = ports.find(station, udp.destinationPort());
    if (service != null) {
      service.receive(frame, udp, source, destination, now);
    } else if (broadcast) {
      drops.drop(frame, DropReason.IP_DESTINATION);
    } else if (!routing.isGuestSource(ip.source())) {
      drops.drop(frame, DropReason.IP_SOURCE);
    } else {
      toHost(frame, ip, source, destination, now);
    }
  }

  private void toHost(Frame frame, Ipv4View ip, IpAddr source, IpAddr destination, long now) {
    if (flows.continues(frame, ip, udp, source, destination, now)) {
      return;
    }
    Optional<IpAddr> host = routing.hostAddress(destination);
    if (host.isPresent()) {
      flows.begin(frame, ip, udp, source, destination, host.get(), now);
    } else if (routing.restricted()) {
      refuse(frame, DropReason.RESTRICTED, IpError.ADMIN_PROHIBITED, now);
    } else {
      refuse(frame, DropReason.IP_DESTINATION, IpError.PORT_UNREACHABLE, now);
    }
  }

  private void refuse(Frame frame, DropReason reason, IpError error, long now) {
    errors.report(error, 0, frame, now);
    drops.drop(frame, reason);
  }
}
