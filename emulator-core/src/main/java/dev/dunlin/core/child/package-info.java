/**
 * Children and their exit statuses: spawned and registered in one step, waited for by exactly one
 * waiter, reported exactly once.
 *
 * <p>{@link dev.dunlin.core.child.ReapedChildren} starts a child and gives it to its waiter in the
 * same step: the reaper for a helper ({@code spawn}), its own stream for a pipe's other end ({@code
 * spawnOwned}). Both hold a pidfd, whose readiness is the end of that very process; waiting goes by
 * the pidfd too, so neither a reused PID nor a stranger's wait can turn into a status of ours. What
 * a stranger took is {@link dev.dunlin.core.child.ExitStatus.Lost}, and never success.
 *
 * <p>There is no SIGCHLD handler here and no wait for any child: children of {@code
 * java.lang.Process} and of other libraries in the same process keep their statuses. A helper that
 * must not outlive the emulator is known to a guard process that reads from our pipe and acts when
 * it ends. The kernel is seen only as a {@link dev.dunlin.core.child.ProcessSource}, so that tests
 * can play thefts, early deaths and reused PIDs on a manual clock ({@code child.testing}).
 */
@NullMarked
package dev.dunlin.core.child;

import org.jspecify.annotations.NullMarked;
