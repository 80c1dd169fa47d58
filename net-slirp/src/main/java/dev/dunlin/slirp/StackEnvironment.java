package dev.dunlin.slirp;

import dev.dunlin.slirp.service.ResolverList;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What a stack takes from outside besides its options.
 *
 * @param bootServer what {@code tftp-server-name} resolved to
 * @param resolvers the host's name servers
 * @param random for transaction ids and ports: nobody may guess it
 * @param streams what serves TCP
 */
record StackEnvironment(
    Optional<IpAddr> bootServer,
    ResolverList resolvers,
    RandomGenerator random,
    StreamTransport.Factory streams) {}
