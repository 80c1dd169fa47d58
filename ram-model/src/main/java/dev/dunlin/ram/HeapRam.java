package dev.dunlin.ram;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A backing on the Java heap, for tests and small ROMs. No flat window; every byte counts as
 * touched.
 */
public final class HeapRam implements RamBacking {
  private final int length;
  private volatile byte @Nullable [] bytes;

  public HeapRam(long length) {
    checkArgument(length >= 0 && length <= Integer.MAX_VALUE - 8, "heap RAM of %s bytes", length);
    this.length = (int) length;
    this.bytes = new byte[this.length];
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long offset, ByteBuffer dst) {
    Objects.checkFromIndexSize(offset, dst.remaining(), length);
    dst.put(open(), (int) offset, dst.remaining());
  }

  @Override
  public void write(long offset, ByteBuffer src) {
    Objects.checkFromIndexSize(offset, src.remaining(), length);
    src.get(open(), (int) offset, src.remaining());
  }

  @Override
  public void discard(long offset, long count) {
    Objects.checkFromIndexSize(offset, count, length);
    Arrays.fill(open(), (int) offset, (int) (offset + count), (byte) 0);
  }

  @Override
  public void close() {
    bytes = null;
  }

  private byte[] open() {
    byte[] now = bytes;
    if (now == null) {
      throw new IllegalStateException("guest RAM is closed");
    }
    return now;
  }
}
