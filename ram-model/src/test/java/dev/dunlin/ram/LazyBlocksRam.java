package dev.dunlin.ram;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An example of a VMM's own memory: blocks of 4 KiB on the Java heap, made when first written, as a
 * well-known Java PC emulator keeps its RAM. No flat window; untouched blocks are known.
 */
final class LazyBlocksRam implements RamBacking {
  private static final int BLOCK = 4096;

  private final long length;
  private final Map<Long, byte[]> blocks = new ConcurrentHashMap<>();
  private volatile boolean closed;

  LazyBlocksRam(long length) {
    this.length = length;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long offset, ByteBuffer dst) {
    check(offset, dst.remaining());
    for (long at = offset; dst.hasRemaining(); ) {
      int within = (int) (at % BLOCK);
      int step = Math.min(dst.remaining(), BLOCK - within);
      byte[] block = blocks.get(at / BLOCK);
      dst.put(block == null ? new byte[BLOCK] : block, within, step);
      at += step;
    }
  }

  @Override
  public void write(long offset, ByteBuffer src) {
    check(offset, src.remaining());
    for (long at = offset; src.hasRemaining(); ) {
      int within = (int) (at % BLOCK);
      int step = Math.min(src.remaining(), BLOCK - within);
      src.get(blocks.computeIfAbsent(at / BLOCK, number -> new byte[BLOCK]), within, step);
      at += step;
    }
  }

  @Override
  public void discard(long offset, long count) {
    check(offset, count);
    for (long at = offset; at < offset + count; ) {
      int within = (int) (at % BLOCK);
      int step = (int) Math.min(offset + count - at, BLOCK - within);
      if (step == BLOCK) {
        blocks.remove(at / BLOCK);
      } else if (blocks.containsKey(at / BLOCK)) {
        write(at, ByteBuffer.allocate(step));
      }
      at += step;
    }
  }

  @Override
  public long nextTouched(long from) {
    return next(from, true);
  }

  @Override
  public long nextUntouched(long from) {
    return next(from, false);
  }

  private long next(long from, boolean touched) {
    for (long at = from; at < length; at = (at / BLOCK + 1) * BLOCK) {
      if (blocks.containsKey(at / BLOCK) == touched) {
        return at;
      }
    }
    return length;
  }

  @Override
  public void close() {
    closed = true;
    blocks.clear();
  }

  private void check(long offset, long count) {
    Objects.checkFromIndexSize(offset, count, length);
    if (closed) {
      throw new IllegalStateException("memory is closed");
    }
  }
}
