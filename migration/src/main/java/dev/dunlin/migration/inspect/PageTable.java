package dev.dunlin.migration.inspect;

import dev.dunlin.migration.stream.LoadException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of a block came, and what the last content of each was: the first 16 bytes of its
 * SHA-256, or nothing for a zero page. Sparse, so that a block's length costs nothing. One thread.
 */
final class PageTable {
  static final int DIGEST = 16;
  private static final int PAGES = Long.SIZE;

  /** What a chunk without digests takes, with its place in the map. */
  private static final int CHUNK_BYTES = 120;

  /** Neighbouring pages. */
  private static final class Chunk {
    private long sent;
    private long nonzero;
    private byte @Nullable [] digests;
  }

  private final MemoryBudget budget;
  private final TreeMap<Long, Chunk> chunks = new TreeMap<>();

  PageTable(MemoryBudget budget) {
    this.budget = budget;
  }

  /** Remembers a page that isn't zero; {@code digest} may be longer than what is kept. */
  void put(long page, byte[] digest) throws LoadException {
    Chunk chunk = chunk(page);
    byte[] digests = chunk.digests;
    if (digests == null) {
      budget.take(PAGES * DIGEST);
      digests = new byte[PAGES * DIGEST];
      chunk.digests = digests;
    }
    System.arraycopy(digest, 0, digests, at(page), DIGEST);
    chunk.sent |= bit(page);
    chunk.nonzero |= bit(page);
  }

  void putZero(long page) throws LoadException {
    Chunk chunk = chunk(page);
    chunk.sent |= bit(page);
    chunk.nonzero &= ~bit(page);
  }

  long sentPages() {
    return chunks.values().stream().mapToLong(chunk -> Long.bitCount(chunk.sent)).sum();
  }

  long nonzeroPages() {
    return chunks.values().stream().mapToLong(chunk -> Long.bitCount(chunk.nonzero)).sum();
  }

  /** Called with the number and the digest of every page that isn't zero, in order. */
  void forEachNonzero(PageConsumer consumer) {
    for (Map.Entry<Long, Chunk> entry : chunks.entrySet()) {
      Chunk chunk = entry.getValue();
      byte[] digests = chunk.digests;
      for (long left = chunk.nonzero; left != 0 && digests != null; left &= left - 1) {
        long page = entry.getKey() * PAGES + Long.numberOfTrailingZeros(left);
        consumer.accept(page, ByteBuffer.wrap(digests, at(page), DIGEST));
      }
    }
  }

  /** Told a page that isn't zero. */
  interface PageConsumer {
    void accept(long page, ByteBuffer digest);
  }

  /** Called with the number of every page whose content isn't the same in both, in order. */
  static void forEachDifference(
      PageTable left, PageTable right, java.util.function.LongConsumer consumer) {
    java.util.TreeSet<Long> keys = new java.util.TreeSet<>(left.chunks.keySet());
    keys.addAll(right.chunks.keySet());
    Chunk none = new Chunk();
    for (long key : keys) {
      Chunk a = left.chunks.getOrDefault(key, none);
      Chunk b = right.chunks.getOrDefault(key, none);
      for (long rest = a.nonzero | b.nonzero; rest != 0; rest &= rest - 1) {
        long page = key * PAGES + Long.numberOfTrailingZeros(rest);
        if (!isEqual(a, b, page)) {
          consumer.accept(page);
        }
      }
    }
  }

  private static boolean isEqual(Chunk a, Chunk b, long page) {
    boolean both = (a.nonzero & b.nonzero & bit(page)) != 0;
    int at = at(page);
    return both
        && a.digests != null
        && b.digests != null
        && Arrays.equals(a.digests, at, at + DIGEST, b.digests, at, at + DIGEST);
  }

  private Chunk chunk(long page) throws LoadException {
    Chunk known = chunks.get(page / PAGES);
    if (known != null) {
      return known;
    }
    budget.take(CHUNK_BYTES);
    Chunk fresh = new Chunk();
    chunks.put(page / PAGES, fresh);
    return fresh;
  }

  private static long bit(long page) {
    return 1L << (page % PAGES);
  }

  private static int at(long page) {
    return (int) (page % PAGES) * DIGEST;
  }
}
