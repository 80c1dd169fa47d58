package dev.dunlin.slirp.saved;

import com.google.common.collect.ImmutableList;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.service.DhcpLeases.Lease;
import dev.dunlin.slirp.tcp.SavedFlow;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.UUID;

/**
 * What a user network takes along when its machine is saved: what its guest knows of it, and what
 * was changed while it ran. Options aren't in it: those are the command line's, at both ends.
 *
 * @param origin the running network that it was saved from
 * @param network with {@code mask}: what the addresses are of
 * @param nextId the next IP identification, so that none is used again within its lifetime
 * @param forwards those that were added while it ran
 * @param guestForwards what answered inside the network
 */
public record SavedNetwork(
    UUID origin,
    IpAddr network,
    int mask,
    int nextId,
    ImmutableList<Lease> leases,
    ImmutableList<Neighbour> neighbours,
    ImmutableList<Forward> forwards,
    ImmutableList<GuestForward> guestForwards,
    ImmutableList<SavedFlow> flows) {

  /** A guest's address and its Ethernet address. */
  public record Neighbour(IpAddr address, long mac) {}

  /** A port of the host that leads to the guest. */
  public record Forward(HostEndpoint endpoint, IpAddr guest, int guestPort) {}

  /** An address and port of the network that something of the host's answers. */
  public record GuestForward(IpAddr server, int port) {}

  /** Whether a fresh network is just as good for the guest: neighbours are found by asking. */
  public boolean isFresh() {
    return leases.isEmpty() && forwards.isEmpty() && flows.isEmpty();
  }
}
