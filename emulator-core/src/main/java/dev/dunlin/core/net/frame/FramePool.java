package dev.dunlin.core.net.frame;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one network's loop, in two sizes: {@link #SMALL} holds an Ethernet frame of MTU
 * 1500, {@link #LARGE} the longest IP packet. Frames are made on demand, kept for ever, and never
 * more than the bound of their size; at the bound {@link #take} says no and the caller drops or
 * waits. The loop thread only.
 */
public final class FramePool {
  /** Payload room of a small frame. */
  public static final int SMALL = 2048 - Frame.HEAD_ROOM;

  /** Payload room of a large one: 65,535 bytes of IP, Ethernet with a tag, some slack. */
  public static final int LARGE = 65_536 + 256;

  private final SizeClass small;
  private final SizeClass large;

  /** A pool of direct buffers bounded to so many small and large frames. */
  public FramePool(int maxSmall, int maxLarge) {
    this(maxSmall, maxLarge, true);
  }

  /** The same with heap buffers when {@code direct} is false. */
  public FramePool(int maxSmall, int maxLarge, boolean direct) {
    small = new SizeClass(this, SMALL, maxSmall, direct);
    large = new SizeClass(this, LARGE, maxLarge, direct);
  }

  /**
   * An empty frame with room for {@code payload} bytes behind its header room, or null when the
   * pool is exhausted or nothing that long exists. A small wish may be served by a large frame.
   */
  public @Nullable Frame take(int payload) {
    if (payload <= SMALL) {
      Frame frame = small.take();
      if (frame != null) {
        return frame;
      }
    }
    return payload <= LARGE ? large.take() : null;
  }

  /** Frames handed out and not yet released; zero when nothing leaks. */
  public int leased() {
    return small.leased() + large.leased();
  }

  /** Bytes of buffers made so far: never falls, bounded by construction. */
  public long allocatedBytes() {
    return small.allocatedBytes() + large.allocatedBytes();
  }

  /** How often {@link #take} found nothing. */
  public long exhausted() {
    return large.refused;
  }

  void put(Frame frame) {
    (frame.capacity() == Frame.HEAD_ROOM + SMALL ? small : large).idle.push(frame);
  }

  private static final class SizeClass {
    private final FramePool pool;
    private final int payload;
    private final int bound;
    private final boolean direct;
    private final ArrayDeque<Frame> idle = new ArrayDeque<>();
    private int made;
    private long refused;

    SizeClass(FramePool pool, int payload, int bound, boolean direct) {
      this.pool = pool;
      this.payload = payload;
      this.bound = bound;
      this.direct = direct;
    }

    @Nullable Frame take() {
      // Last in, first out: the frame just released is still in the cache.
      Frame frame = idle.poll();
      if (frame != null) {
        frame.revive();
        return frame;
      }
      if (made == bound) {
        refused++;
        return null;
      }
      made++;
      int size = Frame.HEAD_ROOM + payload;
      return new Frame(direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size), pool);
    }

    int leased() {
      return made - idle.size();
    }

    long allocatedBytes() {
      return (long) made * (Frame.HEAD_ROOM + payload);
    }
  }
}
