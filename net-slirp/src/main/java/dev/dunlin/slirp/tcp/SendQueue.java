package dev.dunlin.slirp.tcp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the host sent and the guest hasn't acknowledged: a ring of chunks that the host's reads fill
 * at one end and acknowledgments free at the other. Bound: {@link SendSide} reads only what its
 * window lets it send, and at most one chunk more.
 */
final class SendQueue {
  private static final Chunk[] NONE = {};
  private static final int FIRST_RING = 4;

  /** Less room than this isn't worth a read of its own. */
  private static final int LEAST_READ = 2048;

  private final ChunkPool pool;
  private @Nullable Chunk[] ring = NONE;
  private int head;
  private int count;
  private int length;
  private int lastRead;

  SendQueue(ChunkPool pool) {
    this.pool = pool;
  }

  int length() {
    return length;
  }

  /**
   * Reads from the host into the last chunk. Says whether the read filled what it was offered: more
   * may be waiting.
   */
  Pull pull(TcpHost host, long now) {
    Chunk chunk = writable();
    if (chunk == null) {
      return Pull.NO_MEMORY;
    }
    int room = chunk.room();
    int before = chunk.to;
    ByteBuffer into = chunk.bytes.clear().position(before);
    int read = host.read(into, now);
    into.clear();
    if (read < 0 || read > room) {
      throw new IllegalStateException("a read of " + read + " bytes into " + room);
    }
    chunk.to += read;
    length += read;
    lastRead = read;
    if (chunk.length() == 0) {
      removeLast();
    }
    return read == room ? Pull.FULL : read == 0 ? Pull.EMPTY : Pull.SOME;
  }

  /** What came of a {@link #pull}. */
  enum Pull {
    FULL,
    SOME,
    EMPTY,
    NO_MEMORY
  }

  private @Nullable Chunk writable() {
    if (count > 0) {
      Chunk last = at(count - 1);
      if (last.room() >= LEAST_READ) {
        return last;
      }
    }
    // A conversation of short answers needn't hold a large chunk for each of them.
    boolean brief = length == 0 && lastRead < ChunkPool.SMALL;
    Chunk fresh = pool.take(brief ? ChunkPool.SMALL : ChunkPool.LARGE);
    if (fresh != null) {
      addLast(fresh);
    }
    return fresh;
  }

  /** Copies {@code size} bytes from {@code offset} on; they must be there. */
  void copyTo(ByteBuffer target, int index, int offset, int size) {
    int position = 0;
    int skip = offset;
    while (skip >= at(position).length()) {
      skip -= at(position++).length();
    }
    int done = 0;
    while (done < size) {
      Chunk chunk = at(position++);
      int piece = Math.min(chunk.length() - skip, size - done);
      target.put(index + done, chunk.bytes, chunk.from + skip, piece);
      done += piece;
      skip = 0;
    }
  }

  /** Forgets the first {@code size} bytes. */
  void discard(int size) {
    length -= size;
    int left = size;
    while (left > 0) {
      Chunk first = at(0);
      int piece = Math.min(left, first.length());
      first.from += piece;
      left -= piece;
      if (first.length() == 0) {
        pool.give(first);
        ring[head] = null;
        head = (head + 1) & (ring.length - 1);
        count--;
      }
    }
  }

  void clear() {
    discard(length);
    ring = NONE;
    head = 0;
  }

  private Chunk at(int position) {
    Chunk chunk = position < count ? ring[(head + position) & (ring.length - 1)] : null;
    if (chunk == null) {
      throw new IllegalStateException("chunk " + position + " of " + count);
    }
    return chunk;
  }

  private void addLast(Chunk chunk) {
    if (count == ring.length) {
      grow();
    }
    ring[(head + count) & (ring.length - 1)] = chunk;
    count++;
  }

  private void grow() {
    @Nullable Chunk[] larger = new @Nullable Chunk[Math.max(FIRST_RING, 2 * ring.length)];
    for (int i = 0; i < count; i++) {
      larger[i] = at(i);
    }
    ring = larger;
    head = 0;
  }

  private void removeLast() {
    Chunk last = at(count - 1);
    count--;
    ring[(head + count) & (ring.length - 1)] = null;
    pool.give(last);
  }
}
