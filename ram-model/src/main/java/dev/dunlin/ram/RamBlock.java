package dev.dunlin.ram;

import static com.google.common.base.Preconditions.checkArgument;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One block of guest memory as QEMU's stream names it: an idstr ({@code pc.ram}), a length and its
 * bytes. Writes through the block are remembered for every {@link DirtyClient} that is tracking; a
 * VMM that writes the backing directly calls {@link #markDirty}. Any thread.
 */
public final class RamBlock {
  /** QEMU's target page: 4 KiB. */
  public static final int PAGE_SHIFT = 12;

  public static final int PAGE_SIZE = 1 << PAGE_SHIFT;

  /** An idstr is stored with a one-byte length (QEMU migration/ram.c). */
  public static final int MAX_IDSTR = 255;

  private final String idstr;
  private final RamBacking backing;
  private final boolean rom;
  private final Map<DirtyClient, DirtyBitmap> bitmaps = new EnumMap<>(DirtyClient.class);
  private volatile DirtyBitmap[] tracking = {};

  public RamBlock(String idstr, RamBacking backing, boolean rom) {
    checkArgument(!idstr.isEmpty() && idstr.length() <= MAX_IDSTR, "idstr '%s'", idstr);
    checkArgument(
        backing.length() % PAGE_SIZE == 0,
        "%s: %s is not a whole number of pages",
        idstr,
        backing.length());
    this.idstr = idstr;
    this.backing = backing;
    this.rom = rom;
  }

  public String idstr() {
    return idstr;
  }

  /** Length in bytes, a multiple of {@link #PAGE_SIZE}. */
  public long length() {
    return backing.length();
  }

  public long pages() {
    return backing.length() >>> PAGE_SHIFT;
  }

  public RamBacking backing() {
    return backing;
  }

  /** True for blocks that the guest can't write (pc.bios); they are saved like any other. */
  public boolean isRom() {
    return rom;
  }

  public void read(long offset, ByteBuffer dst) {
    backing.read(offset, dst);
  }

  /** Writes and then marks the pages dirty for every tracking client. */
  public void write(long offset, ByteBuffer src) {
    int length = src.remaining();
    backing.write(offset, src);
    markDirty(offset, length);
  }

  /**
   * Tells every tracking client that the range was written; call it after the bytes are in place.
   */
  public void markDirty(long offset, long length) {
    // Bytes first, then who is tracking: see DirtyBitmap for what goes wrong otherwise.
    VarHandle.fullFence();
    for (DirtyBitmap bitmap : tracking) {
      bitmap.markAfterFence(offset, length);
    }
  }

  /** Makes the range read as zero again and marks it dirty. */
  public void discard(long offset, long length) {
    backing.discard(offset, length);
    markDirty(offset, length);
  }

  /** Starts remembering writes for {@code client}, from a clear bitmap; returns that bitmap. */
  public synchronized DirtyBitmap startTracking(DirtyClient client) {
    DirtyBitmap bitmap = new DirtyBitmap(length(), PAGE_SHIFT);
    bitmaps.put(client, bitmap);
    tracking = bitmaps.values().toArray(new DirtyBitmap[0]);
    // The caller may read every page once now: a write that it misses must find the bitmap.
    VarHandle.fullFence();
    return bitmap;
  }

  public synchronized void stopTracking(DirtyClient client) {
    bitmaps.remove(client);
    tracking = bitmaps.values().toArray(new DirtyBitmap[0]);
  }

  /** The client's bitmap, or null while it isn't tracking. */
  public synchronized @Nullable DirtyBitmap dirty(DirtyClient client) {
    return bitmaps.get(client);
  }

  @Override
  public String toString() {
    return idstr + "[0x" + Long.toHexString(length()) + "]";
  }
}
