package dev.dunlin.core.net.link;

import dev.dunlin.core.posix.SocketName;
import java.net.Inet4Address;
import java.util.Optional;

/**
 * A link of datagrams, checked: one frame each.
 *
 * @param info how {@code info network} shows it
 */
record DatagramSpec(Way way, String info) {

  /** How the socket comes about and where it sends. */
  sealed interface Way {}

  /** Bound to one name, sending to another. */
  record Pair(SocketName local, SocketName remote) implements Way {}

  /** A multicast group; {@code local} names the interface. */
  record Group(SocketName.Inet group, Optional<Inet4Address> local) implements Way {}

  /** A socket that this process was started with; it must be connected or have a remote. */
  record Passed(String fd, Optional<SocketName> remote) implements Way {}
}
