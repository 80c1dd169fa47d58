/**
 * TCP toward the guest: every connection ends here and is spliced to a byte stream of the host's.
 *
 * <p>Theory of operation. We are every remote host at once. {@link dev.dunlin.slirp.tcp.TcpInput}
 * hands segments to {@link dev.dunlin.slirp.tcp.TcpEngine}, which finds the flow. A SYN of no flow
 * goes to {@code NewFlows}: it asks a {@link dev.dunlin.slirp.tcp.TcpConnector} for the host's side
 * and answers only when that stands, so a guest is refused what the host is refused, and learns by
 * ICMP what a router said. Anything else walks the phases of RFC 9293 section 3.10.7.4 in {@code
 * SegmentArrives} (3.10.7.3 in {@code SynSentArrives}); they change the facts of the flow and no
 * more. Then the flow takes its <em>turn</em> ({@code FlowTurn}): host gone? text for the host,
 * text for the guest, FIN, acknowledgment, end, timers, always in this order. Events of the host's
 * and deadlines end in a turn too, so it doesn't matter in which order, or from within which call,
 * things happen.
 *
 * <pre>
 *   guest → segment → phases ─┐
 *   host  → event   → fact   ─┼→ turn → host.write, host.read, segments, next deadline
 *   clock → deadline         ─┘
 * </pre>
 *
 * <p>Guest to host: text in order goes from the frame straight to {@link
 * dev.dunlin.slirp.tcp.TcpHost#write}; what that doesn't take, and what came ahead of a gap, waits
 * in {@code ReceiveBuffer}, and the window advertised shrinks by it. Host to guest: the host is
 * read when the guest's windows are open, up to 64 KiB at a time into a chunk that the flow keeps
 * until the guest acknowledged it; each segment is a header before a copy of its bytes. The copy is
 * deliberate. A frame belongs to the link once it's sent, and headers of several layers are written
 * before its text; the same bytes may leave again cut differently (after a smaller path MTU, with
 * offload gone, from the middle of a hole). Sharing one buffer between link and flow would need
 * counted references on both and still copy in these cases; a copy of bytes that recv has just put
 * into the cache costs less than the system call that brought them.
 *
 * <p>Idle connections own no buffer: chunks come from a pool of bounded size when there are bytes
 * and go back when there aren't. Deadlines are in one heap, touched only when one moves earlier.
 *
 * <p>Departures. Nagle's rule is off (the host has applied its own). A segment without timestamps
 * in a connection that has them is taken, as Linux takes it, where RFC 7323 section 3.2 would drop
 * it. The floor of the retransmission timeout is Linux's 200 ms. Congestion control is NewReno
 * counting bytes, from ten segments: the path is a link of this machine.
 *
 * <p>Limits, all in {@link dev.dunlin.slirp.tcp.TcpConfig}: 4,096 flows, 512 of them half-open; 1
 * MiB each way a flow; 256 MiB in all; 32 gaps and 64 SACKed ranges a flow; a thousand challenges
 * and a thousand resets a second. Everything belongs to the network's loop; no sockets, no threads,
 * no clock of its own.
 */
@NullMarked
package dev.dunlin.slirp.tcp;

import org.jspecify.annotations.NullMarked;
