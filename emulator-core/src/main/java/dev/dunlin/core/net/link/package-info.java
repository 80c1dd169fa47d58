/**
 * The wires of a network to other processes and to the host's kernel: TAP devices, stream and
 * datagram sockets.
 *
 * <p>Each {@code -netdev} type has a factory, which checks the options in QEMU's words and opens
 * nothing, and a link, which is the {@link dev.dunlin.core.net.NetBackend}. A link lives on its
 * {@link dev.dunlin.core.net.NetThread}: frames that it reads come out of the thread's pool and go
 * to the port that {@code connect} named; frames that it is sent go to its socket or device, at
 * once or at the end of the turn, and are dropped and counted where there is no room. What is slow
 * (names to resolve, scripts, another network namespace) happens on a short-lived thread beside it.
 */
@NullMarked
package dev.dunlin.core.net.link;

import org.jspecify.annotations.NullMarked;
