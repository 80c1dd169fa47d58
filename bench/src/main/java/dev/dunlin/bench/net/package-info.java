/**
 * {@code bench/net}: the user network beside slirp4netns and pasta.
 *
 * <p>Theory of operation. One network namespace is "the host": its loopback carries the servers,
 * and every contender runs in it. Each contender gets a namespace of its own, "the guest": a kernel
 * behind a TAP, which is the same TCP for all of them. In every namespace one JVM ({@link
 * dev.dunlin.bench.net.Agent}) lives for the whole run, so that nobody's figure holds a JVM's
 * start; throughput is iperf3's. All contenders of one MTU are up at the same time and idle but for
 * the one that is measured; each measure goes round all of them before the next begins, so that
 * what else the machine does falls on all alike. The first round is thrown away.
 *
 * <p>Nothing outside of those namespaces is touched, and they go with everything in them when the
 * run ends, however it ends short of SIGKILL; then the agents end by the end of their input, and
 * the next run removes the rest.
 */
@NullMarked
package dev.dunlin.bench.net;

import org.jspecify.annotations.NullMarked;
