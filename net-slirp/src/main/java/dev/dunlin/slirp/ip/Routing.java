package dev.dunlin.slirp.ip;

import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where a guest's packets may go. Asked before any socket call, so a packet to the host's loopback
 * or to a cloud's metadata service never gets that far.
 *
 * @param restricted {@code restrict=on}: nothing but our own stations
 * @param hostLoopback whether the gateway's address stands for the host's loopback, as QEMU has it
 * @param metadata whether 169.254.169.254 may be reached; off unless asked for, since it hands out
 *     the host's cloud credentials
 * @param blocked further addresses that the user closed
 */
public record Routing(
    VirtualNet net,
    boolean restricted,
    boolean hostLoopback,
    boolean metadata,
    Predicate<IpAddr> blocked) {

  private static final IpAddr METADATA = IpAddr.parse("169.254.169.254");

  /** What a destination is. */
  public enum Destination {
    /** One of our stations. */
    LOCAL,
    /** All of the net. */
    BROADCAST,
    /** Through a socket of the host. */
    OUTSIDE,
    /** In the net, but nobody has it. */
    UNASSIGNED,
    /** Never a destination beyond a host: loopback, multicast, reserved, 0/8 (RFC 6890). */
    MARTIAN,
    /** Closed by the user's or by our own policy. */
    PROHIBITED,
    /** Closed by {@code restrict=on}. */
    RESTRICTED
  }

  /** QEMU's defaults, metadata closed. */
  public static Routing standard(VirtualNet net, boolean restricted) {
    return new Routing(net, restricted, true, false, address -> false);
  }

  /** What an IPv4 destination is. */
  public Destination classify(int destination) {
    if (net.isOurs(destination)) {
      return Destination.LOCAL;
    }
    if (destination == -1 || (destination == net.broadcast() && net.hasBroadcast())) {
      return Destination.BROADCAST;
    }
    if (net.contains(destination)) {
      return destination == net.network().v4() ? Destination.MARTIAN : Destination.UNASSIGNED;
    }
    if (isMartian(destination)) {
      return Destination.MARTIAN;
    }
    if (restricted) {
      return Destination.RESTRICTED;
    }
    IpAddr address = IpAddr.v4(destination);
    if (address.isLinkLocal() && !(metadata && address.equals(METADATA))) {
      return Destination.PROHIBITED;
    }
    return blocked.test(address) ? Destination.PROHIBITED : Destination.OUTSIDE;
  }

  private static boolean isMartian(int address) {
    int first = address >>> 24;
    return first == 0 || first == 127 || first >= 224;
  }

  /** Whether a guest may send from the address. */
  public boolean isGuestSource(int source) {
    return net.isGuest(source);
  }

  /**
   * The host's address behind one that the guest sees: the gateway stands for the host itself, an
   * outside address for itself, and nothing stands behind our other stations.
   */
  public Optional<IpAddr> hostAddress(IpAddr destination) {
    return switch (classify(destination.v4())) {
      case LOCAL ->
          destination.equals(net.gateway()) && hostLoopback && !restricted
              ? Optional.of(IpAddr.LOOPBACK_V4)
              : Optional.empty();
      case OUTSIDE -> Optional.of(destination);
      default -> Optional.empty();
    };
  }

  /**
   * The address under which a host's peer appears to the guest: the host's loopback can't be
   * answered from there, so it appears as the gateway.
   */
  public IpAddr visibleSource(IpAddr peer) {
    boolean confusing = !peer.isV4() || peer.isLoopback() || peer.isUnspecified();
    return confusing || net.contains(peer.v4()) ? net.gateway() : peer;
  }
}
