package dev.dunlin.slirp.ip;

import static dev.dunlin.slirp.wire.Icmpv4View.TIME_EXCEEDED;
import static dev.dunlin.slirp.wire.Icmpv4View.UNREACHABLE;

import dev.dunlin.slirp.wire.Icmpv4View;

/** What can be wrong with a packet that its sender should hear about, and how ICMP says it. */
public enum IpError {
  NET_UNREACHABLE(UNREACHABLE, Icmpv4View.CODE_NET),
  HOST_UNREACHABLE(UNREACHABLE, Icmpv4View.CODE_HOST),
  PROTOCOL_UNREACHABLE(UNREACHABLE, Icmpv4View.CODE_PROTOCOL),
  PORT_UNREACHABLE(UNREACHABLE, Icmpv4View.CODE_PORT),
  FRAGMENTATION_NEEDED(UNREACHABLE, Icmpv4View.CODE_FRAGMENTATION_NEEDED),
  ADMIN_PROHIBITED(UNREACHABLE, Icmpv4View.CODE_ADMIN_PROHIBITED),
  TTL_EXCEEDED(TIME_EXCEEDED, Icmpv4View.CODE_TTL),
  REASSEMBLY_TIMEOUT(TIME_EXCEEDED, Icmpv4View.CODE_REASSEMBLY);

  private final int type;
  private final int code;

  IpError(int type, int code) {
    this.type = type;
    this.code = code;
  }

  /** ICMPv4 type. */
  public int type() {
    return type;
  }

  /** ICMPv4 code. */
  public int code() {
    return code;
  }

  /** Whether the destination itself says so, not a router before it. */
  public boolean isFromDestination() {
    return this == PORT_UNREACHABLE || this == PROTOCOL_UNREACHABLE;
  }
}
