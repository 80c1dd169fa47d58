package dev.dunlin.core.loop;

import java.time.Duration;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Tasks by their time, then by the order in which they were scheduled. Loop thread. */
final class TimerHeap {
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private final PriorityQueue<Timer> heap = new PriorityQueue<>();
  private long scheduled;

  /** One waiting task. Times are compared by difference, since nanoTime may wrap. */
  private final class Timer implements MainLoop.LoopTimer, Comparable<Timer> {
    private final long due;
    private final long sequence;
    private @Nullable Runnable task;

    Timer(long due, long sequence, Runnable task) {
      this.due = due;
      this.sequence = sequence;
      this.task = task;
    }

    @Override
    public void cancel() {
      if (task != null) {
        task = null;
        heap.remove(this);
      }
    }

    @Override
    public boolean isPending() {
      return task != null;
    }

    @Override
    public int compareTo(Timer other) {
      long difference = due - other.due;
      return Long.signum(difference == 0 ? sequence - other.sequence : difference);
    }

    // Identity, although compareTo exists: no two timers compare as equal.
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(sequence);
    }
  }

  MainLoop.LoopTimer add(long now, Duration delay, Runnable task) {
    long nanos = delay.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : delay.toNanos();
    Timer timer = new Timer(now + Math.max(0, nanos), scheduled++, task);
    heap.add(timer);
    return timer;
  }

  /** Nanoseconds to the next one, 0 when it is due, negative when there is none. */
  long nanosToNext(long now) {
    Timer first = heap.peek();
    return first == null ? -1 : Math.max(0, first.due - now);
  }

  /** A bound for one round: timers scheduled from here on wait for the next. */
  long mark() {
    return scheduled;
  }

  /** Takes the next task due at {@code now} and scheduled before {@code mark}, or null. */
  @Nullable Runnable takeDue(long now, long mark) {
    Timer first = heap.peek();
    if (first == null || first.due - now > 0 || first.sequence >= mark) {
      return null;
    }
    heap.remove();
    Runnable task = first.task;
    first.task = null;
    return task;
  }
}
