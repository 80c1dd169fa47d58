package dev.dunlin.slirp.ip;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;

/**
 * What the host's network said about a socket of ours, in terms of the ICMP error that the guest is
 * to get. {@code mtu} counts for {@link IpError#FRAGMENTATION_NEEDED} only; {@code reporter} is the
 * router that said it, when the host tells (Linux: IP_RECVERR's offender), so the guest's
 * traceroute works.
 */
public record HostFailure(IpError error, int mtu, Optional<IpAddr> reporter) {

  public static HostFailure of(IpError error) {
    return new HostFailure(error, 0, Optional.empty());
  }

  /** ECONNREFUSED. */
  public static HostFailure refused() {
    return of(IpError.PORT_UNREACHABLE);
  }

  /** EMSGSIZE with the path's MTU. */
  public static HostFailure tooBig(int mtu) {
    return new HostFailure(IpError.FRAGMENTATION_NEEDED, mtu, Optional.empty());
  }
}
