package dev.dunlin.slirp.udp;

import dev.dunlin.slirp.wire.IpAddr;

/**
 * Both ends of a flow as the guest sees them. Mutable so that one instance probes the table for
 * every packet; what is stored in the table is a {@link #copy} and never changes.
 */
final class FlowKey {
  private IpAddr guest = IpAddr.ANY_V4;
  private IpAddr remote = IpAddr.ANY_V4;
  private int ports;

  FlowKey set(IpAddr newGuest, int guestPort, IpAddr newRemote, int remotePort) {
    guest = newGuest;
    remote = newRemote;
    ports = guestPort << 16 | remotePort;
    return this;
  }

  FlowKey copy() {
    FlowKey copy = new FlowKey();
    copy.guest = guest;
    copy.remote = remote;
    copy.ports = ports;
    return copy;
  }

  IpAddr guest() {
    return guest;
  }

  IpAddr remote() {
    return remote;
  }

  int guestPort() {
    return ports >>> 16;
  }

  int remotePort() {
    return ports & 0xffff;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowKey that
        && ports == that.ports
        && guest.equals(that.guest)
        && remote.equals(that.remote);
  }

  @Override
  public int hashCode() {
    return (guest.hashCode() * 31 + remote.hashCode()) * 31 + ports * 0x9e3779b9;
  }

  @Override
  public String toString() {
    return guest + ":" + guestPort() + " - " + remote + ":" + remotePort();
  }
}
