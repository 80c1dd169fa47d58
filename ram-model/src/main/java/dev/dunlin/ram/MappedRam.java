package dev.dunlin.ram;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Real guest RAM: a sparse file mapped in windows of 1 GiB (a {@link ByteBuffer} can't span more
 * than 2). Any size opens at once and costs nothing until it is touched. Any thread.
 *
 * <p>After {@link #close} the memory is gone though mappings may still exist (Java has no unmap):
 * the file becomes one hole but keeps its size, so a thread that is late reads zeroes in place of
 * dying of SIGBUS. {@link #read} looks again after copying and throws, so it never hands out such
 * zeroes.
 */
public final class MappedRam implements RamBacking {
  private static final int WINDOW_SHIFT = 30;
  private static final long WINDOW_SIZE = 1L << WINDOW_SHIFT;

  /**
   * 16 TiB. A process has 65530 mappings on Linux (vm.max_map_count), and a JVM that can't get one
   * more dies.
   */
  private static final long MAX_LENGTH = 1L << 44;

  /**
   * From this length on a read asks for holes first: reading one through a mapping allocates it.
   */
  private static final int SPARSE_READ = 64 << 10;

  private static final ByteBuffer ZEROES =
      ByteBuffer.allocateDirect(SPARSE_READ).asReadOnlyBuffer();

  /** The file and its windows; windows may be written by whoever holds one, at any time. */
  private static final class Mapping {
    private final RamFile file;
    private final ByteBuffer[] windows;

    Mapping(RamFile file, ByteBuffer[] windows) {
      this.file = file;
      this.windows = windows;
    }
  }

  private final long length;
  private volatile @Nullable Mapping mapping;
  private volatile boolean windowsGiven;

  private MappedRam(long length, Mapping mapping) {
    this.length = length;
    this.mapping = mapping;
  }

  /** {@code length} bytes of zero in a new file called {@code name}. */
  public static MappedRam create(RamFileProvider files, String name, long length)
      throws IOException {
    if (length > MAX_LENGTH) {
      throw new IOException(name + ": " + length + " bytes are more than can be mapped");
    }
    RamFile file = files.create(name, length);
    try {
      return new MappedRam(length, new Mapping(file, mapAll(file, length)));
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static ByteBuffer[] mapAll(RamFile file, long length) throws IOException {
    ByteBuffer[] windows =
        new ByteBuffer[Ints.checkedCast((length + WINDOW_SIZE - 1) >>> WINDOW_SHIFT)];
    for (int i = 0; i < windows.length; i++) {
      long start = (long) i << WINDOW_SHIFT;
      windows[i] = file.map(start, (int) Math.min(WINDOW_SIZE, length - start));
    }
    return windows;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long offset, ByteBuffer dst) {
    Objects.checkFromIndexSize(offset, dst.remaining(), length);
    int start = dst.position();
    Mapping used = open();
    while (!readFrom(used, offset, dst)) {
      dst.position(start);
      used = open();
    }
  }

  /** False when the memory was given up meanwhile, so that zeroes may have been read. */
  private boolean readFrom(Mapping used, long offset, ByteBuffer dst) {
    try {
      if (dst.remaining() < SPARSE_READ) {
        copyOut(used.windows, offset, dst, dst.remaining());
      } else {
        readSparsely(used, offset, dst);
      }
    } catch (IllegalStateException e) {
      if (mapping == used) {
        throw e;
      }
      return false;
    }
    // The bytes were read before this look at the state, so they are from before the hole.
    VarHandle.acquireFence();
    return mapping == used;
  }

  private static void readSparsely(Mapping used, long offset, ByteBuffer dst) {
    long end = offset + dst.remaining();
    for (long at = offset; at < end; ) {
      long data = Math.min(end, used.file.nextData(at));
      putZeroes(dst, data - at);
      long hole = data == end ? end : Math.min(end, used.file.nextHole(data));
      copyOut(used.windows, data, dst, hole - data);
      at = hole;
    }
  }

  private static void putZeroes(ByteBuffer dst, long count) {
    while (count > 0) {
      int step = (int) Math.min(count, ZEROES.capacity());
      dst.put(dst.position(), ZEROES, 0, step).position(dst.position() + step);
      count -= step;
    }
  }

  private static void copyOut(ByteBuffer[] windows, long offset, ByteBuffer dst, long count) {
    long end = offset + count;
    for (long at = offset; at < end; ) {
      ByteBuffer window = windows[(int) (at >>> WINDOW_SHIFT)];
      int index = (int) (at & (WINDOW_SIZE - 1));
      int step = (int) Math.min(end - at, window.capacity() - index);
      dst.put(dst.position(), window, index, step).position(dst.position() + step);
      at += step;
    }
  }

  @Override
  public void write(long offset, ByteBuffer src) {
    long end = offset + src.remaining();
    Objects.checkFromToIndex(offset, end, length);
    Mapping used = open();
    used.file.touching(offset, src.remaining());
    for (long at = offset; at < end; ) {
      ByteBuffer window = used.windows[(int) (at >>> WINDOW_SHIFT)];
      int index = (int) (at & (WINDOW_SIZE - 1));
      int step = (int) Math.min(end - at, window.capacity() - index);
      window.put(index, src, src.position(), step);
      src.position(src.position() + step);
      at += step;
    }
  }

  @Override
  public void discard(long offset, long count) {
    Objects.checkFromIndexSize(offset, count, length);
    RamFile file = open().file;
    if (count > 0 && !file.punchHole(offset, count)) {
      zeroTouched(file, offset, offset + count);
    }
  }

  private void zeroTouched(RamFile file, long from, long end) {
    for (long at = file.nextData(from); at < end; at = file.nextData(at)) {
      long hole = Math.min(end, file.nextHole(at));
      while (at < hole) {
        int step = (int) Math.min(hole - at, ZEROES.capacity());
        write(at, ZEROES.slice(0, step));
        at += step;
      }
    }
  }

  @Override
  public long nextTouched(long from) {
    RamFile file = open().file;
    return from >= length ? length : file.nextData(from);
  }

  @Override
  public long nextUntouched(long from) {
    RamFile file = open().file;
    return from >= length ? length : file.nextHole(from);
  }

  /** Empty for a range that crosses a multiple of 1 GiB. */
  @Override
  public Optional<ByteBuffer> window(long offset, int count) {
    Objects.checkFromIndexSize(offset, count, length);
    windowsGiven = true;
    Mapping used = open();
    if (count == 0 || offset >>> WINDOW_SHIFT != (offset + count - 1) >>> WINDOW_SHIFT) {
      return Optional.empty();
    }
    used.file.touching(offset, count);
    return Optional.of(slice(used, offset, count));
  }

  private static ByteBuffer slice(Mapping used, long offset, int count) {
    int index = (int) (offset & (WINDOW_SIZE - 1));
    return used.windows[(int) (offset >>> WINDOW_SHIFT)]
        .slice(index, count)
        .order(ByteOrder.nativeOrder());
  }

  /**
   * Whether this memory may be exchanged for {@code other}'s: nobody holds a window and no file of
   * the user's is behind it.
   */
  boolean canBecome(MappedRam other) {
    return !windowsGiven
        && !other.windowsGiven
        && length == other.length
        && open().file.isAnonymous()
        && other.open().file.isAnonymous();
  }

  /** Takes over {@code other}'s memory for its own, which is given back; closes {@code other}. */
  void become(MappedRam other) {
    Mapping old = open();
    mapping = other.open();
    other.mapping = null;
    old.file.close();
  }

  @Override
  public void close() {
    Mapping last = mapping;
    mapping = null;
    if (last != null) {
      last.file.close();
    }
  }

  private Mapping open() {
    Mapping now = mapping;
    if (now == null) {
      throw new IllegalStateException("guest RAM is closed");
    }
    return now;
  }
}
