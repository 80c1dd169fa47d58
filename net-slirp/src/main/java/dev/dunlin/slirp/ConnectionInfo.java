package dev.dunlin.slirp;

import java.util.OptionalInt;

/**
 * One line of {@code info usernet}: what libslirp's slirp_connection_info shows of a socket
 * (src/misc.c).
 *
 * @param state {@code HOST_FORWARD}, a TCP state, or the seconds that the flow has left: {@code 236
 *     sec}
 * @param ports absent for what has none
 * @param received bytes from the host that wait for the guest
 * @param toSend bytes from the guest that wait for the host
 */
public record ConnectionInfo(
    String protocol,
    String state,
    int descriptor,
    String source,
    OptionalInt sourcePort,
    String destination,
    OptionalInt destinationPort,
    long received,
    long toSend) {}
