package dev.dunlin.testing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Polls for what must become true, with a deadline that only a broken build reaches. */
public final class Await {
  /** Long enough for a loaded machine: a test that needs this long is failing. */
  public static final Duration GENEROUS = Duration.ofSeconds(60);

  private static final long STEP_NANOS = 2_000_000;

  private Await() {}

  /** Waits until {@code condition} holds; fails naming {@code what} otherwise. */
  public static void until(String what, Callable<Boolean> condition) {
    until(what, GENEROUS, condition);
  }

  public static void until(String what, Duration limit, Callable<Boolean> condition) {
    value(what, limit, () -> condition.call() ? Optional.of(true) : Optional.empty());
  }

  /** Waits until {@code source} has a value and returns it. */
  public static <T> T value(String what, Callable<Optional<T>> source) {
    return value(what, GENEROUS, source);
  }

  public static <T> T value(String what, Duration limit, Callable<Optional<T>> source) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<T> value = call(source);
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("Not within " + limit.toMillis() + " ms: " + what);
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  private static <T> Optional<T> call(Callable<Optional<T>> source) {
    try {
      return source.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
