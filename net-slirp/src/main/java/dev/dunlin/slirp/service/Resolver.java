package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.IpAddr;

/** A name server of the host. {@code scope} is an IPv6 zone ("eth0") or empty. */
public record Resolver(IpAddr address, String scope, int port) {
  public static final int PORT = 53;

  public static Resolver of(String literal) {
    return new Resolver(IpAddr.parse(literal), "", PORT);
  }
}
