package dev.dunlin.core.loop;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tasks from any thread to one. Vyukov's linked queue: a producer does one exchange and one store,
 * never a retry, so a CPU thread that posts is wait-free. Between the two stores the tail of the
 * queue is invisible to the consumer; the producer wakes the loop only after the second, so nothing
 * is forgotten.
 */
final class TaskQueue {

  /** A link; the first one's task has been taken already. */
  private static final class Node {
    private @Nullable Runnable task;
    private volatile @Nullable Node next;

    Node(@Nullable Runnable task) {
      this.task = task;
    }
  }

  private final AtomicReference<Node> last;
  private Node taken;

  TaskQueue() {
    taken = new Node(null);
    last = new AtomicReference<>(taken);
  }

  /** Any thread. */
  void add(Runnable task) {
    Node node = new Node(task);
    last.getAndSet(node).next = node;
  }

  /** The next task, or null when there is none that is fully queued. Consumer only. */
  @Nullable Runnable poll() {
    Node next = taken.next;
    if (next == null) {
      return null;
    }
    taken = next;
    Runnable task = next.task;
    next.task = null;
    return task;
  }

  /** Consumer only. */
  boolean isEmpty() {
    return taken.next == null;
  }

  /** Where the queue ends now: with {@link #isAt}, the bound of one round. Any thread. */
  Object end() {
    return Objects.requireNonNull(last.get());
  }

  /** Whether everything up to that end has been taken. Consumer only. */
  boolean isAt(Object end) {
    return taken == end;
  }
}
