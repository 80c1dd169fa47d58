package dev.dunlin.slirp.saved;

import dev.dunlin.core.ModuleStateException;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.saved.SavedNetwork.Neighbour;
import dev.dunlin.slirp.service.DhcpConfig;
import dev.dunlin.slirp.service.DhcpLeases;
import dev.dunlin.slirp.service.DhcpLeases.Lease;
import dev.dunlin.slirp.tcp.SavedFlow;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.HashSet;
import java.util.Set;

/** Whether what was read fits the network that is to take it. */
public final class NetworkCheck {
  private static final int MOST_FORWARDS = 4096;

  private final VirtualNet net;
  private final Set<Integer> pool;
  private final int mostFlows;

  /**
   * @param start the first address that this network's DHCP leases
   */
  public NetworkCheck(VirtualNet net, IpAddr start, int mostFlows) {
    this.net = net;
    this.pool = DhcpConfig.pool(net, start);
    this.mostFlows = mostFlows;
  }

  public void check(SavedNetwork saved) throws ModuleStateException {
    if (!saved.network().equals(net.network()) || saved.mask() != net.mask()) {
      throw new ModuleStateException(
          "the guest is of network " + saved.network() + ", not " + net.network());
    }
    checkLeases(saved);
    bound(saved.neighbours().size(), Neighbours.MOST_GUESTS, "neighbours");
    for (Neighbour each : saved.neighbours()) {
      checkGuest(each.address());
      checkMac(each.mac());
    }
    bound(saved.forwards().size(), MOST_FORWARDS, "forwards");
    bound(saved.guestForwards().size(), MOST_FORWARDS, "guest forwards");
    bound(saved.flows().size(), mostFlows, "connections");
    for (SavedFlow each : saved.flows()) {
      checkGuest(each.guest());
    }
  }

  private void checkLeases(SavedNetwork saved) throws ModuleStateException {
    Set<IpAddr> seen = new HashSet<>();
    for (Lease each : saved.leases()) {
      if (!each.address().isV4() || !pool.contains(each.address().v4())) {
        throw new ModuleStateException(
            "a lease of " + each.address() + " is none of this network's");
      }
      if (!seen.add(each.address())) {
        throw new ModuleStateException(each.address() + " is leased twice");
      }
      if (each.nanosLeft() <= 0 || each.nanosLeft() > DhcpLeases.LONGEST) {
        throw new ModuleStateException("a lease of " + each.nanosLeft() + " nanoseconds isn't one");
      }
      checkMac(each.mac());
    }
  }

  private void checkGuest(IpAddr address) throws ModuleStateException {
    if (!address.isV4() || !net.isGuest(address.v4())) {
      throw new ModuleStateException(address + " is no guest of this network");
    }
  }

  private static void checkMac(long mac) throws ModuleStateException {
    if (mac == 0 || Mac.isGroup(mac)) {
      throw new ModuleStateException("a guest's Ethernet address is none");
    }
  }

  private static void bound(int count, int most, String what) throws ModuleStateException {
    if (count > most) {
      throw new ModuleStateException(count + " " + what + " are more than any network has");
    }
  }
}
