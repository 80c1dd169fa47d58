package dev.dunlin.core.net;

import dev.dunlin.core.loop.EventLoop.TurnEnd;
import java.util.ArrayList;
import java.util.List;

/**
 * The ends of a turn of all that share a loop: first those that may send frames, then those that
 * put out what was batched. The loop waits no longer than the most impatient wants. The loop's
 * thread.
 */
public final class TurnEnds implements TurnEnd {
  private final List<TurnEnd> work = new ArrayList<>();
  private final List<TurnEnd> output = new ArrayList<>();

  /** Work that is due: deadlines kept elsewhere. It may send frames. */
  public void add(TurnEnd end) {
    work.add(end);
  }

  /** Output that was batched; after all work, so that no frame waits for the next turn. */
  public void addOutput(TurnEnd end) {
    output.add(end);
  }

  public void remove(TurnEnd end) {
    work.remove(end);
    output.remove(end);
  }

  @Override
  public long beforeWait(long nowNanos) {
    return shorter(run(work, nowNanos), run(output, nowNanos));
  }

  private static long run(List<TurnEnd> ends, long nowNanos) {
    long shortest = -1;
    // By index: no iterator for each turn.
    for (int i = 0; i < ends.size(); i++) {
      shortest = shorter(shortest, ends.get(i).beforeWait(nowNanos));
    }
    return shortest;
  }

  /** Of two waits, of which a negative one is for ever. */
  private static long shorter(long one, long other) {
    return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
  }
}
