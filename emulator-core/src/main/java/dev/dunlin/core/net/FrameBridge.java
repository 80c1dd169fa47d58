package dev.dunlin.core.net;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.FrameRing;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A port whose frames come out on another {@link NetThread}: each is copied into a bounded queue
 * (one pool never sees another's frames), with one wake-up for all that is sent until the other
 * side has looked. Used where networks were joined while they ran.
 */
final class FrameBridge implements FramePort {
  /** 1 MiB in flight: about 700 full frames, or 16 of the largest; more are dropped. */
  private static final int CAPACITY = 1 << 20;

  /** Frames handed over before the thread sees to its other work. */
  private static final int BATCH = 256;

  private final FrameRing ring = new FrameRing(CAPACITY);
  private final AtomicBoolean knocked = new AtomicBoolean();
  private final Runnable drain = this::drain;
  private final LinkDrops drops;
  private final NetThread thread;
  private final FramePort port;

  /**
   * @param drops of the receiver
   */
  FrameBridge(NetThread thread, FramePort port, LinkDrops drops) {
    this.drops = drops;
    this.thread = thread;
    this.port = port;
  }

  @Override
  public void send(Frame frame) {
    if (!ring.offer(frame)) {
      drops.count(LinkDrops.Reason.NO_ROOM);
    }
    frame.release();
    if (!knocked.getAndSet(true)) {
      thread.execute(drain);
    }
  }

  private void drain() {
    knocked.set(false);
    for (int i = 0; i < BATCH && !ring.isEmpty(); i++) {
      Frame frame = thread.pool().take(ring.nextLength());
      if (frame == null) {
        ring.skip();
        drops.count(LinkDrops.Reason.NO_FRAME);
      } else if (ring.take(frame)) {
        port.send(frame);
      } else {
        frame.release();
      }
    }
    if (!ring.isEmpty() && !knocked.getAndSet(true)) {
      thread.execute(drain);
    }
  }
}
