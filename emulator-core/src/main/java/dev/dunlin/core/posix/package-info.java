/**
 * Native calls: the only package that binds libc.
 *
 * <p>Each topic (descriptors, epoll, processes, memory, sockets, terminals) is an interface of its
 * own, bound by jnr-ffi when its first user comes, so that a start pays for what it uses. Public
 * classes wrap them: {@link dev.dunlin.core.posix.Fd} and what is made of it ({@link
 * dev.dunlin.core.posix.Pipe}, {@link dev.dunlin.core.posix.EventFd}, {@link
 * dev.dunlin.core.posix.EpollPoller}), {@link dev.dunlin.core.posix.Spawner} and {@link
 * dev.dunlin.core.posix.PidFd} for children. Every call reads errno at once, tries again after
 * EINTR, and names itself in its {@link dev.dunlin.core.posix.PosixException}; outcomes that are no
 * errors are sums ({@link dev.dunlin.core.posix.IoOutcome}, {@link
 * dev.dunlin.core.posix.WaitStatus}).
 *
 * <p>Nothing here handles a signal or waits for any child. A blocking call isn't woken by {@link
 * java.lang.Thread#interrupt}: whoever blocks adds an eventfd to what he waits for.
 */
@NullMarked
package dev.dunlin.core.posix;

import org.jspecify.annotations.NullMarked;
