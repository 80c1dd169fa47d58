package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.SeqNum;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the guest sent and the host hasn't taken, and what it sent ahead of a gap. A byte has its
 * final place from the beginning: slot {@code (seq - origin) / 64 KiB}; a slot without bytes has no
 * chunk. Bound: the receive window, which nothing outside of gets here, and the pool.
 */
final class ReceiveBuffer {
  private static final int SLOT = ChunkPool.LARGE;
  private static final int SLOT_SHIFT = 16;
  private static final @Nullable Chunk[] NONE = {};

  private final ChunkPool pool;
  private final int window;
  private @Nullable Chunk[] ring = NONE;

  /** Sequence number of the first byte of the first slot. */
  private int origin;

  /** Ring index of the first slot. */
  private int head;

  private int chunks;

  ReceiveBuffer(ChunkPool pool, int window) {
    this.pool = pool;
    this.window = window;
  }

  boolean isEmpty() {
    return chunks == 0;
  }

  /**
   * Keeps a copy of bytes at {@code seq}; {@code first} is the earliest number still of use. Says
   * how many it kept from the beginning: less when memory is short.
   */
  int store(int first, int seq, ByteBuffer from, int index, int length) {
    if (chunks == 0) {
      origin = first;
      head = 0;
    }
    if (ring.length == 0) {
      // One slot more than the window spans, since it seldom begins at a slot's edge.
      int slots = (window >>> SLOT_SHIFT) + 2;
      ring = new @Nullable Chunk[Integer.highestOneBit(2 * slots - 1)];
    }
    int done = 0;
    while (done < length) {
      int offset = seq + done - origin;
      Chunk chunk = slot(offset >>> SLOT_SHIFT);
      if (chunk == null) {
        break;
      }
      int at = offset & (SLOT - 1);
      int piece = Math.min(SLOT - at, length - done);
      chunk.bytes.put(at, from, index + done, piece);
      done += piece;
    }
    return done;
  }

  private @Nullable Chunk slot(int number) {
    if (number < 0 || number >= ring.length) {
      throw new IllegalStateException("slot " + number + " of " + ring.length);
    }
    int index = (head + number) & (ring.length - 1);
    Chunk chunk = ring[index];
    if (chunk == null) {
      chunk = pool.take(SLOT);
      if (chunk != null) {
        ring[index] = chunk;
        chunks++;
      }
    }
    return chunk;
  }

  /** Offers the host the bytes from {@code first} to {@code end}; says how many it took. */
  int deliver(TcpHost host, int first, int end, long now) {
    int done = 0;
    while (SeqNum.before(first + done, end)) {
      int offset = first + done - origin;
      Chunk chunk = ring[(head + (offset >>> SLOT_SHIFT)) & (ring.length - 1)];
      if (chunk == null) {
        throw new IllegalStateException("no bytes at " + offset);
      }
      int at = offset & (SLOT - 1);
      int piece = Math.min(SLOT - at, end - first - done);
      int taken = host.write(chunk.bytes.limit(at + piece).position(at), now);
      chunk.bytes.clear();
      done += taken;
      if (taken < piece) {
        break;
      }
    }
    return done;
  }

  /** Frees what lies before {@code first}; all of it when nothing lies at or after. */
  void free(int first, boolean nothingLeft) {
    if (nothingLeft) {
      clear();
      return;
    }
    while (chunks > 0 && first - origin >= SLOT) {
      dropSlot(head);
      head = (head + 1) & (ring.length - 1);
      origin += SLOT;
    }
  }

  private void dropSlot(int index) {
    Chunk chunk = ring[index];
    if (chunk != null) {
      pool.give(chunk);
      ring[index] = null;
      chunks--;
    }
  }

  void clear() {
    for (int i = 0; chunks > 0; i++) {
      dropSlot(i);
    }
  }
}
