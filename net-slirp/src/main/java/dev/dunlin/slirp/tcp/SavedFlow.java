package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;

/**
 * What is to be known of a connection when its guest goes on elsewhere or again from here: enough
 * to see whether it is still the same, and to break it off toward the guest.
 *
 * @param sequence the next number of ours: what a reset must have (RFC 5961 section 3)
 * @param acknowledged our numbers before it are acknowledged
 * @param acknowledgment the next number of the guest's
 */
public record SavedFlow(
    TcpState state,
    IpAddr guest,
    int guestPort,
    IpAddr remote,
    int remotePort,
    int sequence,
    int acknowledged,
    int acknowledgment) {

  int ports() {
    return guestPort << 16 | remotePort;
  }
}
