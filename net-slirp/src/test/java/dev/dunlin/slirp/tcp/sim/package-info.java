/**
 * Conversations between the engine and an independent, much simpler TCP over a link that loses,
 * doubles, delays and reorders, all of it from a seed.
 *
 * <p>Theory of operation. {@link dev.dunlin.slirp.tcp.sim.Simulation} owns one virtual clock and a
 * queue of deliveries; {@link dev.dunlin.slirp.tcp.sim.BadLink} decides what becomes of a packet;
 * {@link dev.dunlin.slirp.tcp.sim.SmallTcp} is the guest, {@link
 * dev.dunlin.slirp.tcp.sim.SimulatedHost} the host's stream. Text tells its own place, so both ends
 * check every byte without keeping any.
 */
@NullMarked
package dev.dunlin.slirp.tcp.sim;

import org.jspecify.annotations.NullMarked;
