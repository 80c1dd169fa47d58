package dev.dunlin.slirp.icmp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.ip.TransportInput;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;

/** ICMP from the guest: echo for us or the outside, errors for the transports, the rest ignored. */
public final class IcmpInput implements TransportInput {
  private static final int PORTS = 4;

  private final Icmpv4View icmp = new Icmpv4View();
  private final Ipv4View quoted = new Ipv4View();
  private final VirtualNet net;
  private final IpOutput output;
  private final EchoRelay relay;
  private final GuestErrors tcpErrors;
  private final GuestErrors udpErrors;
  private final DropCounters drops;

  public IcmpInput(
      VirtualNet net,
      IpOutput output,
      EchoRelay relay,
      GuestErrors tcpErrors,
      GuestErrors udpErrors,
      DropCounters drops) {
    this.net = net;
    this.output = output;
    this.relay = relay;
    this.tcpErrors = tcpErrors;
    this.udpErrors = udpErrors;
    this.drops = drops;
  }

  @Override
  public void receive(Frame frame, Ipv4View ip, long now) {
    if (!icmp.wrap(frame.bytes(), frame.transport(), frame.end())) {
      drops.drop(frame, DropReason.ICMP_MALFORMED);
    } else if (!frame.checksumTrusted() && !icmp.checksumValid()) {
      drops.drop(frame, DropReason.ICMP_CHECKSUM);
    } else if (icmp.type() == Icmpv4View.ECHO_REQUEST) {
      echo(frame, ip, now);
    } else if (icmp.type() == Icmpv4View.UNREACHABLE) {
      unreachable(frame, ip, now);
    } else {
      // Echo replies nobody asked for, redirects, timestamps: nothing here acts on them.
      drops.drop(frame, DropReason.ICMP_TYPE);
    }
  }

  private void echo(Frame frame, Ipv4View ip, long now) {
    if (!net.isOurs(ip.destination())) {
      relay.request(frame, ip, icmp, now);
      return;
    }
    IpAddr us = IpAddr.v4(ip.destination());
    IpAddr guest = IpAddr.v4(ip.source());
    // The reply is the request turned around in its own frame: only bytes that came go back.
    icmp.turnIntoReply();
    frame.clearOffload();
    frame.setBounds(frame.transport(), frame.end());
    output.send(frame, us, guest, IpProtocol.ICMP, now);
  }

  /** The guest refuses a packet of ours; believed only about itself. */
  private void unreachable(Frame frame, Ipv4View ip, long now) {
    boolean about =
        quoted.wrapHeader(frame.bytes(), icmp.payload(), frame.end())
            && quoted.destination() == ip.source()
            && quoted.payload() + PORTS <= frame.end();
    if (!about) {
      drops.drop(frame, DropReason.ICMP_MALFORMED);
      return;
    }
    GuestErrors listener =
        switch (quoted.protocol()) {
          case IpProtocol.TCP -> tcpErrors;
          case IpProtocol.UDP -> udpErrors;
          default -> (type, code, mtu, ours, ourPort, guest, guestPort, at) -> {};
        };
    int ports = frame.bytes().getInt(quoted.payload());
    listener.reported(
        icmp.type(),
        icmp.code(),
        icmp.mtu(),
        IpAddr.v4(quoted.source()),
        ports >>> 16,
        IpAddr.v4(quoted.destination()),
        ports & 0xffff,
        now);
    frame.release();
  }
}
