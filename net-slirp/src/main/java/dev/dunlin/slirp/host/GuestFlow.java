package dev.dunlin.slirp.host;

import dev.dunlin.slirp.wire.IpAddr;

/** Which connection of the guest's something is about: its end, and the end that it asked for. */
public record GuestFlow(IpAddr guest, int guestPort, IpAddr destination, int port) {
  /** As messages name it: {@code 10.0.2.15:49200}. */
  @Override
  public String toString() {
    return guest + ":" + guestPort;
  }
}
