package dev.dunlin.core.loop;

/**
 * Injected time. Tests use a manual one; nothing else in Dunlin asks the JVM what time it is. Any
 * thread.
 */
public interface Clock {

  /** Monotonic nanoseconds from an arbitrary origin. */
  long nanoTime();

  /** Microseconds since the Unix epoch, for QMP timestamps and logs. */
  long wallMicros();

  /** The host's clocks. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
