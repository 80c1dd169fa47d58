package dev.dunlin.core.net;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** Frames that went no further at one place, counted by reason. Any thread. */
public final class LinkDrops {
  private static final Reason[] REASONS = Reason.values();

  /** Why. */
  public enum Reason {
    /** The link is down at either end ({@code set_link}). */
    LINK_DOWN,
    /** Nothing is connected there. */
    NO_PEER,
    /** The receiver is slow and its queue at its bound. */
    NO_ROOM,
    /** The frame pool is exhausted. */
    NO_FRAME,
    /** Longer than the receiver takes, or to be segmented by one that can't. */
    TOO_LONG,
    /** No frame at all, or its offload metadata makes no sense. */
    MALFORMED,
    /** The host's kernel took it not. */
    REFUSED;

    /** As monitors show it: {@code no-room}. */
    String shown() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final LongAdder[] counts = new LongAdder[REASONS.length];

  public LinkDrops() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  @SuppressWarnings("EnumOrdinal") // an index into the array beside it, never stored
  public void count(Reason reason) {
    counts[reason.ordinal()].increment();
  }

  public long total() {
    long sum = 0;
    for (LongAdder count : counts) {
      sum += count.sum();
    }
    return sum;
  }

  /** Those that aren't zero, by name. */
  public ImmutableMap<String, Long> nonZero() {
    return nonZero("");
  }

  /** The same with something before each name: {@code from-guest.}. */
  @SuppressWarnings("EnumOrdinal")
  ImmutableMap<String, Long> nonZero(String prefix) {
    ImmutableMap.Builder<String, Long> shown = ImmutableMap.builder();
    for (Reason reason : REASONS) {
      long count = counts[reason.ordinal()].sum();
      if (count != 0) {
        shown.put(prefix + reason.shown(), count);
      }
    }
    return shown.build();
  }
}
