package dev.dunlin.testing;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import jnr.ffi.LibraryLoader;

/**
 * What the bug behind this project was: somebody in the process who waits for any child and so
 * takes statuses that belong to others. A thread in a loop of native {@code waitpid(-1)}; the whole
 * process is in danger, so use it only in one that was started for it.
 */
public final class Thief implements AutoCloseable {
  private static final int ANY_CHILD = -1;
  private static final int WNOHANG = 1;
  private static final long PAUSE_NANOS = 100_000;

  private final Libc libc = LibraryLoader.create(Libc.class).load("c");
  private final Map<Integer, Integer> stolen = new ConcurrentHashMap<>();
  private final Thread thread = new Thread(this::steal, "thief");
  private volatile boolean stopped;

  private Thief() {}

  /** Public because jnr implements it from a class loader of its own. */
  public interface Libc {
    int waitpid(int pid, int[] status, int options);
  }

  /** Begins to steal. */
  public static Thief start() {
    Thief thief = new Thief();
    thief.thread.setDaemon(true);
    thief.thread.start();
    return thief;
  }

  /** The status word it took from a child, once it has. */
  public Optional<Integer> stolenFrom(int pid) {
    return Optional.ofNullable(stolen.get(pid));
  }

  /** Waits until it has taken the status of {@code pid}. */
  public int awaitTheftFrom(int pid) {
    return Await.value("theft of the status of pid " + pid, () -> stolenFrom(pid));
  }

  private void steal() {
    int[] status = new int[1];
    while (!stopped) {
      int pid = libc.waitpid(ANY_CHILD, status, WNOHANG);
      if (pid > 0) {
        stolen.put(pid, status[0]);
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
