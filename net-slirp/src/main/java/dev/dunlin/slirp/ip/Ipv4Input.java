package dev.dunlin.slirp.ip;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.NetworkInput;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;

/**
 * Every IPv4 packet from the guest: validates, refuses, reassembles, dispatches. Each refusal is
 * counted; those that an honest guest would want to know of are answered by ICMP.
 */
public final class Ipv4Input implements NetworkInput {
  private static final int ETHERNET_SOURCE = 6;
  private static final int UDP_DESTINATION_PORT = 2;
  private static final int DHCP_PORT = 67;

  private final Ipv4View ip = new Ipv4View();
  private final Routing routing;
  private final Neighbours neighbours;
  private final Reassembler reassembler;
  private final IpErrors errors;
  private final Transports transports;
  private final DropCounters drops;

  /** The protocols over IPv4. */
  public record Transports(TransportInput icmp, TransportInput tcp, TransportInput udp) {}

  public Ipv4Input(
      Routing routing,
      Neighbours neighbours,
      Reassembler reassembler,
      IpErrors errors,
      Transports transports,
      DropCounters drops) {
    this.routing = routing;
    this.neighbours = neighbours;
    this.reassembler = reassembler;
    this.errors = errors;
    this.transports = transports;
    this.drops = drops;
  }

  @Override
  public void receive(Frame frame, long now) {
    if (!ip.wrap(frame.bytes(), frame.network(), frame.end())) {
      drops.drop(frame, ip.problem());
      return;
    }
    if (!ip.checksumValid()) {
      drops.drop(frame, DropReason.IP_CHECKSUM);
      return;
    }
    if (ip.hasOptions() && !ip.optionsAcceptable()) {
      drops.drop(frame, DropReason.IP_OPTIONS);
      return;
    }
    // What the link padded or a bug appended isn't part of the packet.
    frame.trimEnd(ip.start() + ip.totalLength());
    if (!acceptSource(frame, now) || !acceptDestination(frame, now)) {
      return;
    }
    if (ip.isFragment()) {
      frame = reassembler.add(frame, ip, now);
      if (frame == null) {
        return;
      }
      ip.wrap(frame.bytes(), frame.network(), frame.end());
    }
    dispatch(frame, now);
  }

  /**
   * Only an address that a guest may have. DHCP alone is heard from any: a guest without an
   * address, or with one of another network that it has just left, asks for its own.
   */
  private boolean acceptSource(Frame frame, long now) {
    int source = ip.source();
    if (routing.isGuestSource(source)) {
      if (frame.network() - frame.start() >= EthernetView.LENGTH) {
        neighbours.learn(source, Mac.read(frame.bytes(), frame.start() + ETHERNET_SOURCE), now);
      }
      return true;
    }
    if (isDhcp(frame)) {
      return true;
    }
    drops.drop(frame, DropReason.IP_SOURCE);
    return false;
  }

  private boolean isDhcp(Frame frame) {
    return ip.protocol() == IpProtocol.UDP
        && !ip.isFragment()
        && ip.payloadLength() >= UdpView.LENGTH
        && (frame.bytes().getShort(ip.payload() + UDP_DESTINATION_PORT) & 0xffff) == DHCP_PORT;
  }

  private boolean acceptDestination(Frame frame, long now) {
    Routing.Destination destination = routing.classify(ip.destination());
    if (!routing.isGuestSource(ip.source())
        && destination != Routing.Destination.BROADCAST
        && destination != Routing.Destination.LOCAL) {
      drops.drop(frame, DropReason.IP_SOURCE);
      return false;
    }
    return switch (destination) {
      case LOCAL -> ip.ttl() != 0 || refuse(frame, DropReason.IP_TTL, IpError.TTL_EXCEEDED, now);
      // We are the first hop: what arrives with one hop left ends here, as at any router.
      case OUTSIDE -> ip.ttl() > 1 || refuse(frame, DropReason.IP_TTL, IpError.TTL_EXCEEDED, now);
      case BROADCAST -> ip.protocol() == IpProtocol.UDP || refuseSilently(frame);
      case MARTIAN -> refuseSilently(frame);
      case UNASSIGNED -> refuse(frame, DropReason.IP_DESTINATION, IpError.HOST_UNREACHABLE, now);
      case PROHIBITED -> refuse(frame, DropReason.IP_DESTINATION, IpError.ADMIN_PROHIBITED, now);
      case RESTRICTED -> refuse(frame, DropReason.RESTRICTED, IpError.ADMIN_PROHIBITED, now);
    };
  }

  private boolean refuseSilently(Frame frame) {
    drops.drop(frame, DropReason.IP_DESTINATION);
    return false;
  }

  private boolean refuse(Frame frame, DropReason reason, IpError error, long now) {
    errors.report(error, 0, frame, now);
    drops.drop(frame, reason);
    return false;
  }

  private void dispatch(Frame frame, long now) {
    frame.setTransport(ip.payload());
    switch (ip.protocol()) {
      case IpProtocol.TCP -> transports.tcp().receive(frame, ip, now);
      case IpProtocol.UDP -> transports.udp().receive(frame, ip, now);
      case IpProtocol.ICMP -> transports.icmp().receive(frame, ip, now);
      default -> refuse(frame, DropReason.IP_PROTOCOL, IpError.PROTOCOL_UNREACHABLE, now);
    }
  }
}
