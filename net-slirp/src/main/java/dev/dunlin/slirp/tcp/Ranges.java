package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.SeqNum;
import java.util.Arrays;

/**
 * Disjoint ranges of sequence numbers in order, each with the stamp of its last change: what the
 * guest has selectively acknowledged, and what it sent ahead of a gap. Bound: the given number; an
 * addition that would need one more is refused. Arrays are made on first use.
 */
final class Ranges {
  private static final int[] NONE = {};
  private static final int FIRST = 8;

  private final int most;
  private int[] left = NONE;
  private int[] right = NONE;
  private int[] stamp = NONE;
  private int size;
  private int stamps;

  Ranges(int most) {
    this.most = most;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int left(int index) {
    return left[index];
  }

  int right(int index) {
    return right[index];
  }

  /** When the range changed last, relative to the others. */
  int stamp(int index) {
    return stamp[index];
  }

  /** Whether {@link #add} of the range would be kept. */
  boolean hasRoomFor(int from, int to) {
    return size < most || touches(from, to);
  }

  private boolean touches(int from, int to) {
    for (int i = 0; i < size; i++) {
      if (SeqNum.upTo(left[i], to) && SeqNum.upTo(from, right[i])) {
        return true;
      }
    }
    return false;
  }

  /** Adds [from, to), merging; says whether anything in it was new. */
  boolean add(int from, int to) {
    int first = 0;
    while (first < size && SeqNum.before(right[first], from)) {
      first++;
    }
    int last = first;
    while (last < size && SeqNum.upTo(left[last], to)) {
      last++;
    }
    if (first == last) {
      return insert(first, from, to);
    }
    boolean covered =
        last == first + 1 && SeqNum.upTo(left[first], from) && SeqNum.upTo(to, right[first]);
    left[first] = SeqNum.min(left[first], from);
    right[first] = SeqNum.max(right[last - 1], to);
    stamp[first] = ++stamps;
    remove(first + 1, last);
    return !covered;
  }

  private boolean insert(int index, int from, int to) {
    if (size == most) {
      return false;
    }
    if (size == left.length) {
      int room = Math.max(FIRST, Math.min(most, 2 * size));
      left = Arrays.copyOf(left, room);
      right = Arrays.copyOf(right, room);
      stamp = Arrays.copyOf(stamp, room);
    }
    System.arraycopy(left, index, left, index + 1, size - index);
    System.arraycopy(right, index, right, index + 1, size - index);
    System.arraycopy(stamp, index, stamp, index + 1, size - index);
    left[index] = from;
    right[index] = to;
    stamp[index] = ++stamps;
    size++;
    return true;
  }

  private void remove(int from, int to) {
    System.arraycopy(left, to, left, from, size - to);
    System.arraycopy(right, to, right, from, size - to);
    System.arraycopy(stamp, to, stamp, from, size - to);
    size -= to - from;
  }

  /** Forgets everything before {@code seq}. */
  void trim(int seq) {
    int gone = 0;
    while (gone < size && SeqNum.upTo(right[gone], seq)) {
      gone++;
    }
    if (gone > 0) {
      remove(0, gone);
    }
    if (size > 0 && SeqNum.before(left[0], seq)) {
      left[0] = seq;
    }
  }

  void clear() {
    size = 0;
  }

  /** Index of the range that {@code seq} lies in, or of the first one after it; may be size. */
  int find(int seq) {
    int index = 0;
    while (index < size && SeqNum.upTo(right[index], seq)) {
      index++;
    }
    return index;
  }

  /** How many numbers of [from, to) are in ranges. */
  int covered(int from, int to) {
    int sum = 0;
    for (int i = 0; i < size; i++) {
      int a = SeqNum.max(left[i], from);
      int b = SeqNum.min(right[i], to);
      sum += SeqNum.before(a, b) ? b - a : 0;
    }
    return sum;
  }
}
