package dev.dunlin.slirp.service;

import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.DnsMessage;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Refuses answers by which a name of the outside leads a guest's browser to where only local names
 * may lead (DNS rebinding): with a name for the gateway's address, any web page could talk to the
 * host's loopback. Names that are local by their form or by the user's word are exempt.
 *
 * @param forbidden addresses that no outside name may have
 * @param localDomains domains whose names may have any address, besides the well-known ones
 */
public record RebindingGuard(Predicate<IpAddr> forbidden, Set<String> localDomains) {
  private static final Set<String> WELL_KNOWN =
      Set.of("localhost", "local", "lan", "internal", "home.arpa", "localdomain", "test");

  public RebindingGuard {
    localDomains = Set.copyOf(localDomains);
  }

  /** Loopback, "this host", link-local and the virtual net itself; private addresses pass. */
  public static RebindingGuard standard(VirtualNet net, Set<String> localDomains) {
    return new RebindingGuard(
        address ->
            address.isLoopback()
                || address.isUnspecified()
                || address.isLinkLocal()
                || (address.isV4() && net.contains(address.v4())),
        localDomains);
  }

  /** The same and all private addresses, for networks without names of their own. */
  public static RebindingGuard strict(VirtualNet net, Set<String> localDomains) {
    Predicate<IpAddr> standard = standard(net, localDomains).forbidden();
    return new RebindingGuard(standard.or(IpAddr::isPrivate), localDomains);
  }

  /** Everything passes. */
  public static RebindingGuard off() {
    return new RebindingGuard(address -> false, Set.of());
  }

  /** Whether the answer to the question must not reach the guest. */
  boolean refuses(DnsMessage query, DnsMessage answer) {
    return !isLocal(query.name()) && answer.anyAddress(forbidden);
  }

  private boolean isLocal(String name) {
    return name.indexOf('.') < 0
        || WELL_KNOWN.stream().anyMatch(domain -> isWithin(name, domain))
        || localDomains.stream()
            .anyMatch(domain -> isWithin(name, domain.toLowerCase(Locale.ROOT)));
  }

  private static boolean isWithin(String name, String domain) {
    return name.equals(domain) || name.endsWith("." + domain);
  }
}
