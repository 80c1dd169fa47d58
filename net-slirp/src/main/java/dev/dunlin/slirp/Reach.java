package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;

/**
 * How far a guest gets beyond its network. QEMU has all or, with {@code restrict=on}, nothing;
 * these are Dunlin's own: {@code host-loopback=on|off}, {@code metadata=on|off}, {@code
 * block=host|ADDRESS[/LENGTH]}.
 *
 * @param hostLoopback whether the gateway's address stands for the host's loopback
 * @param metadata whether 169.254.169.254 may be reached
 * @param blocked networks that may not
 * @param hostBlocked whether the host's own addresses may not
 */
public record Reach(
    boolean hostLoopback, boolean metadata, ImmutableList<Blocked> blocked, boolean hostBlocked) {

  /** Addresses that begin with these bits. */
  public record Blocked(IpAddr network, int length) {
    boolean contains(IpAddr address) {
      int mask = length == 0 ? 0 : -1 << (32 - length);
      return address.isV4() && (address.v4() & mask) == (network.v4() & mask);
    }
  }

  static Reach read(KeyValueList options) throws OptionException {
    ImmutableList.Builder<Blocked> blocked = ImmutableList.builder();
    boolean host = false;
    for (String text : options.all("block")) {
      if (text.equals("host")) {
        host = true;
      } else {
        blocked.add(blocked(text));
      }
    }
    return new Reach(
        options.bool("host-loopback", true),
        options.bool("metadata", false),
        blocked.build(),
        host);
  }

  private static Blocked blocked(String text) throws OptionException {
    String[] parts = text.split("/", 2);
    Optional<Ipv4Address> address = Ipv4Address.parse(parts[0]);
    Integer length = parts.length == 1 ? Integer.valueOf(32) : Ints.tryParse(parts[1]);
    if (address.isEmpty() || length == null || length < 0 || length > 32) {
      throw new OptionException("Parameter 'block' expects 'host' or ADDRESS[/LENGTH]");
    }
    return new Blocked(IpAddr.v4(address.get().bits()), length);
  }

  Routing routing(VirtualNet net, boolean restricted) {
    return new Routing(net, restricted, hostLoopback, metadata, this::isBlocked);
  }

  /** The host's addresses may change while it runs: they are asked for. */
  private boolean isBlocked(IpAddr address) {
    return blocked.stream().anyMatch(net -> net.contains(address))
        || (hostBlocked && HostAddresses.has(address));
  }
}
