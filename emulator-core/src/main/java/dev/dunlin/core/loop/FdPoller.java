package dev.dunlin.core.loop;

/**
 * The kernel's readiness notice, as the loop sees it. {@code core.posix} has the epoll one; tests
 * have a scripted one. All calls on the loop thread but {@link #wakeup}. Registrations are keyed by
 * token, never by fd number, since a closed fd's number is used again at once.
 */
public interface FdPoller extends AutoCloseable {

  void add(int fd, long token, FdEvents interest);

  void modify(int fd, long token, FdEvents interest);

  /** Must be called before the fd is closed. */
  void remove(int fd, long token);

  /** Waits at most {@code timeoutNanos} (negative: for ever) and reports what is ready. */
  void poll(long timeoutNanos, Sink sink);

  /** Ends a {@link #poll} in progress, or the next one; any thread. */
  void wakeup();

  @Override
  void close();

  /** Receives readiness. */
  @FunctionalInterface
  interface Sink {
    void ready(long token, FdEvents events);
  }
}
