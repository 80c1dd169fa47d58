package dev.dunlin.slirp.wire;

import java.util.Locale;

/** Why a frame of the guest's (or one meant for it) went no further. Counted, never thrown. */
public enum DropReason {
  /** Shorter than its link header, or longer than the link's MTU allows. */
  FRAME_LENGTH,
  /** A VLAN tag: the user network has no VLANs. */
  VLAN_TAG,
  /** An EtherType nobody here speaks, 802.3 lengths included. */
  ETHERTYPE,
  /** Sent by a group address, or by one of our own. */
  SOURCE_MAC,
  /** Unicast to a station that isn't ours. */
  DESTINATION_MAC,
  ARP_MALFORMED,
  /** ARP that claims one of our addresses. */
  ARP_POISON,
  NEIGHBOUR_QUEUE_FULL,
  NEIGHBOUR_UNREACHABLE,
  IP_VERSION,
  IP_HEADER_LENGTH,
  IP_TOTAL_LENGTH,
  IP_CHECKSUM,
  IP_OPTIONS,
  IP_TTL,
  /** A source no guest may have: ours, broadcast, multicast, loopback, outside the net. */
  IP_SOURCE,
  /** A destination that is never forwarded. */
  IP_DESTINATION,
  IP_PROTOCOL,
  /** restrict=on keeps the guest off the host and the outside. */
  RESTRICTED,
  IPV4_DISABLED,
  IPV6_DISABLED,
  IPV6_HEADER,
  IPV6_EXTENSION,
  FRAGMENT_MALFORMED,
  FRAGMENT_OVERLAP,
  FRAGMENT_TIMEOUT,
  FRAGMENT_BOUND,
  TOO_BIG,
  ICMP_MALFORMED,
  ICMP_CHECKSUM,
  ICMP_TYPE,
  ICMP_BOUND,
  ICMP_RATE,
  ECHO_UNAVAILABLE,
  UDP_MALFORMED,
  UDP_CHECKSUM,
  UDP_PORT_ZERO,
  UDP_BOUND,
  UDP_HOST,
  TCP_MALFORMED,
  TCP_CHECKSUM,
  TCP_PORT_ZERO,
  /** Flags that no honest segment has: SYN with FIN, neither SYN nor ACK nor RST, and the like. */
  TCP_FLAGS,
  /** A segment of a connection that doesn't exist; answered by a reset. */
  TCP_UNKNOWN_FLOW,
  /** Outside the receive window. */
  TCP_WINDOW,
  /** An older timestamp than the connection's last (RFC 7323 section 5). */
  TCP_PAWS,
  /** An acknowledgment of what was never sent, or of what was long ago (RFC 5961 section 5). */
  TCP_ACK,
  /** A reset or SYN that doesn't hit the exact number (RFC 5961 sections 3 and 4). */
  TCP_CHALLENGED,
  /** Out of order and no room to keep it. */
  TCP_OUT_OF_ORDER,
  TCP_RATE,
  TCP_BOUND,
  /** Nothing serves TCP on this network. */
  TCP_UNSERVED,
  DHCP_MALFORMED,
  DHCP_BOUND,
  DNS_MALFORMED,
  DNS_BOUND,
  DNS_UNMATCHED,
  DNS_NO_RESOLVER,
  TFTP_MALFORMED,
  TFTP_BOUND,
  TFTP_UNKNOWN_SESSION,
  /** Nothing is connected to the network, or the link is down. */
  LINK_DOWN,
  /** The frame pool is exhausted. */
  NO_FRAME;

  /** As monitors show it: {@code ip-source}. */
  public String shown() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
