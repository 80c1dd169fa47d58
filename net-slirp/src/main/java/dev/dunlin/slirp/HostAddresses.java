package dev.dunlin.slirp;

import dev.dunlin.slirp.wire.IpAddr;
import java.net.NetworkInterface;
import java.net.SocketException;

/** The host's own addresses, as they are now. Any thread. */
final class HostAddresses {
  private HostAddresses() {}

  /** Whether a packet to the address stays on this host. */
  static boolean has(IpAddr address) {
    if (address.isLoopback() || address.isUnspecified()) {
      return true;
    }
    try {
      return NetworkInterface.getByInetAddress(address.toInetAddress()) != null;
    } catch (SocketException e) {
      // The host can't say: what should be kept from the guest is.
      return true;
    }
  }
}
