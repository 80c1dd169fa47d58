package dev.dunlin.slirp.icmp;

import dev.dunlin.slirp.wire.IpAddr;

/** A transport that wants to hear what the guest says about packets it was sent. */
@FunctionalInterface
public interface GuestErrors {
  /**
   * The guest reported an ICMP error about a packet from {@code ours} to {@code guest}. The claim
   * is the guest's: it may end or shrink only the flow that it names.
   */
  void reported(
      int type, int code, int mtu, IpAddr ours, int ourPort, IpAddr guest, int guestPort, long now);
}
