package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;

/**
 * One connection as {@code info usernet} shows it.
 *
 * @param fromHost whether the host's side began it, through a forward
 * @param descriptor of the host's stream, -1 for none
 * @param toHost bytes from the guest that the host hasn't taken
 * @param toGuest bytes from the host that the guest hasn't acknowledged
 */
public record FlowInfo(
    TcpState state,
    boolean fromHost,
    int descriptor,
    IpAddr guest,
    int guestPort,
    IpAddr remote,
    int remotePort,
    int toHost,
    int toGuest) {}
