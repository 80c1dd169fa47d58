package dev.dunlin.slirp.udp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.UdpView;

/** Datagrams to the guest. */
public final class UdpOutput {
  private final IpOutput output;

  public UdpOutput(IpOutput output) {
    this.output = output;
  }

  /** Takes a frame whose content is the payload. */
  public void send(
      Frame payload, IpAddr source, int sport, IpAddr destination, int dport, long now) {
    UdpView.prepend(payload, source, sport, destination, dport);
    output.send(payload, source, destination, IpProtocol.UDP, now);
  }

  /** The same for a guest without an address, known by its card only (DHCP). */
  public void sendTo(
      long mac, Frame payload, IpAddr source, int sport, IpAddr destination, int dport) {
    UdpView.prepend(payload, source, sport, destination, dport);
    output.sendTo(mac, payload, source, destination, IpProtocol.UDP);
  }
}
