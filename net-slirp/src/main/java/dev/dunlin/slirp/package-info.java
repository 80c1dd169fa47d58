/**
 * The user-mode network: what {@code -netdev user} and {@code -net user} say, the protocols behind
 * it put together, and its monitor commands.
 *
 * <p>{@link dev.dunlin.slirp.SlirpConfig} holds every option with its default, checked before
 * anything is opened. {@link dev.dunlin.slirp.UserNetwork} is one running network as the emulator
 * sees it: it is asked on the emulator's loop thread. {@link dev.dunlin.slirp.UserStack} is the
 * same as the guest sees it: protocols, services and host sockets, all on the network's {@link
 * dev.dunlin.core.net.NetThread}, where it meets every deadline at the end of a turn. TCP has a
 * place of its own ({@link dev.dunlin.slirp.StreamTransport}); while that is empty its packets are
 * dropped and counted, and connections to forwarded ports are reset.
 */
@NullMarked
package dev.dunlin.slirp;

import org.jspecify.annotations.NullMarked;
