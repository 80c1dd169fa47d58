/**
 * One thread per emulator: descriptors, timers, tasks; injected time.
 *
 * <p>{@link dev.dunlin.core.loop.EventLoop} owns the thread and decides order: tasks, then timers,
 * then descriptors, one at a time. It knows the kernel only as an {@link
 * dev.dunlin.core.loop.FdPoller} and time only as a {@link dev.dunlin.core.loop.Clock}, so {@code
 * loop.testing} can replace both and a test decides what is ready and what time it is. Other
 * threads reach it by {@code execute}, which never makes them wait.
 */
@NullMarked
package dev.dunlin.core.loop;

import org.jspecify.annotations.NullMarked;
