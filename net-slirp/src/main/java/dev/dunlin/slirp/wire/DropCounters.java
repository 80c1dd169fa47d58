package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Frame;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/** One counter a {@link DropReason}: counted on the network's thread, read on any. */
@SuppressWarnings("EnumOrdinal") // an index into the array beside it, never stored
public final class DropCounters {
  private static final DropReason[] REASONS = DropReason.values();

  private final AtomicLongArray counts = new AtomicLongArray(REASONS.length);

  public void count(DropReason reason) {
    int i = reason.ordinal();
    // One thread counts: no read-modify-write has to be atomic.
    counts.setOpaque(i, counts.getPlain(i) + 1);
  }

  /** Counts and gives the frame back to its pool. */
  public void drop(Frame frame, DropReason reason) {
    count(reason);
    frame.release();
  }

  public long get(DropReason reason) {
    return counts.getOpaque(reason.ordinal());
  }

  public long total() {
    long sum = 0;
    for (DropReason reason : REASONS) {
      sum += get(reason);
    }
    return sum;
  }

  /** The counters that aren't zero, for {@code info} commands and tests. */
  public Map<DropReason, Long> nonZero() {
    Map<DropReason, Long> map = new EnumMap<>(DropReason.class);
    for (DropReason reason : REASONS) {
      if (get(reason) != 0) {
        map.put(reason, get(reason));
      }
    }
    return map;
  }

  @Override
  public String toString() {
    return nonZero().toString();
  }
}
