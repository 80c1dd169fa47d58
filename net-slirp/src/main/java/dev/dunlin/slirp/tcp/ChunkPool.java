package dev.dunlin.slirp.tcp;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Buffer memory of all connections of a network, in two sizes. A connection has chunks only while
 * bytes of its are under way, so an idle one has none.
 *
 * <p>Bound: {@code mostBytes} in all. At the bound {@link #take} says no: the host isn't read, the
 * guest's segment isn't acknowledged, and both try again.
 */
final class ChunkPool {
  static final int SMALL = 4096;

  /** What one read from the host brings at most: as much as a segmentation-offload frame holds. */
  static final int LARGE = 65_536;

  private final ArrayDeque<Chunk> small = new ArrayDeque<>();
  private final ArrayDeque<Chunk> large = new ArrayDeque<>();
  private final long mostBytes;
  private final boolean direct;
  private long made;
  private int leased;
  private long exhausted;

  ChunkPool(long mostBytes, boolean direct) {
    this.mostBytes = mostBytes;
    this.direct = direct;
  }

  /** An empty chunk of one of the two sizes, or null at the bound. */
  @Nullable Chunk take(int size) {
    Chunk chunk = (size == SMALL ? small : large).poll();
    if (chunk == null) {
      if (made + size > mostBytes) {
        exhausted++;
        return null;
      }
      made += size;
      chunk = new Chunk(direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size));
    }
    chunk.from = 0;
    chunk.to = 0;
    leased++;
    return chunk;
  }

  void give(Chunk chunk) {
    leased--;
    (chunk.capacity() == SMALL ? small : large).push(chunk);
  }

  /** Chunks handed out; zero when nothing leaks. */
  int leased() {
    return leased;
  }

  long exhausted() {
    return exhausted;
  }
}
