/**
 * Network backends, hubs and cards, as the command line connects them and {@code info network}
 * shows them.
 *
 * <p>{@link dev.dunlin.core.net.NetworkModule} reads {@code -netdev}, {@code -nic}, {@code -net}
 * and {@code -device} CARD in QEMU's order (net/net.c) into a {@link dev.dunlin.core.net.Network},
 * asks the {@link dev.dunlin.core.net.NetBackendFactory} of each type to check its options, and
 * only then, at start, lets the backends open anything. No card is emulated: one stands for the
 * card of the VMM that embeds the emulator.
 */
@NullMarked
package dev.dunlin.core.net;

import org.jspecify.annotations.NullMarked;
