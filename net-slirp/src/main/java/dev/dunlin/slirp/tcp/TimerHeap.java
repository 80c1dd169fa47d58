package dev.dunlin.slirp.tcp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Flows by their next deadline, a binary heap. A deadline that moves later, as every acknowledgment
 * moves it, leaves the heap as it is: the flow comes up early, finds nothing due and is put back.
 * So the time to the next deadline is one look, and a busy flow costs nothing.
 */
final class TimerHeap {
  private @Nullable TcpFlow[] heap = new @Nullable TcpFlow[16];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** The flow to look at first, and when: {@link TcpFlow#heapDue}. */
  TcpFlow first() {
    return at(0);
  }

  private TcpFlow at(int index) {
    TcpFlow flow = heap[index];
    if (flow == null) {
      throw new IllegalStateException("slot " + index + " of " + size);
    }
    return flow;
  }

  /** The flow has its next deadline at {@code due}. */
  void schedule(TcpFlow flow, long due) {
    if (flow.heapIndex < 0) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      flow.heapDue = due;
      place(size++, flow);
      up(flow.heapIndex);
    } else if (due - flow.heapDue < 0) {
      flow.heapDue = due;
      up(flow.heapIndex);
    }
  }

  void remove(TcpFlow flow) {
    int index = flow.heapIndex;
    if (index < 0) {
      return;
    }
    flow.heapIndex = -1;
    TcpFlow last = at(--size);
    heap[size] = null;
    if (index < size) {
      place(index, last);
      up(index);
      down(last.heapIndex);
    }
  }

  private void place(int index, TcpFlow flow) {
    heap[index] = flow;
    flow.heapIndex = index;
  }

  private void up(int from) {
    int index = from;
    TcpFlow flow = at(index);
    while (index > 0) {
      TcpFlow parent = at((index - 1) >>> 1);
      if (parent.heapDue - flow.heapDue <= 0) {
        break;
      }
      place(index, parent);
      index = (index - 1) >>> 1;
    }
    place(index, flow);
  }

  private void down(int from) {
    int index = from;
    TcpFlow flow = at(index);
    while (2 * index + 1 < size) {
      int child = 2 * index + 1;
      if (child + 1 < size && at(child + 1).heapDue - at(child).heapDue < 0) {
        child++;
      }
      if (flow.heapDue - at(child).heapDue <= 0) {
        break;
      }
      place(index, at(child));
      index = child;
    }
    place(index, flow);
  }
}
