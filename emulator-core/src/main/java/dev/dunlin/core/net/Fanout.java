package dev.dunlin.core.net;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import java.util.List;

/**
 * A hub as one of its members sees it: what it sends reaches every other (net/hub.c). Each gets a
 * copy, the last one the frame itself. On the member's {@link NetThread}.
 */
final class Fanout implements FramePort {
  private final FramePool pool;
  private final LinkDrops drops;
  private final FramePort[] others;

  private Fanout(FramePool pool, LinkDrops drops, List<FramePort> others) {
    this.pool = pool;
    this.drops = drops;
    this.others = others.toArray(FramePort[]::new);
  }

  /**
   * A port that hands on to all of these, of which there is one at least; copies come from the
   * pool, or aren't made.
   *
   * @param drops of the sender
   */
  static FramePort to(FramePool pool, LinkDrops drops, List<FramePort> others) {
    return switch (others.size()) {
      case 1 -> others.get(0);
      default -> new Fanout(pool, drops, others);
    };
  }

  @Override
  public void send(Frame frame) {
    int last = others.length - 1;
    for (int i = 0; i < last; i++) {
      Frame copy = pool.take(frame.length());
      if (copy == null) {
        drops.count(LinkDrops.Reason.NO_FRAME);
      } else {
        copy.copyFrom(frame);
        others[i].send(copy);
      }
    }
    others[last].send(frame);
  }
}
