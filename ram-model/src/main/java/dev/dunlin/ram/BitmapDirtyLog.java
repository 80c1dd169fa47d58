package dev.dunlin.ram;

import com.google.common.collect.ImmutableList;
import java.util.function.Supplier;

/** The dirty log over the blocks' own bitmaps ({@link DirtyClient#MIGRATION}). Any thread. */
final class BitmapDirtyLog implements DirtyLog {
  private final Supplier<ImmutableList<RamBlock>> blocks;

  BitmapDirtyLog(Supplier<ImmutableList<RamBlock>> blocks) {
    this.blocks = blocks;
  }

  @Override
  public boolean isSupported() {
    return true;
  }

  @Override
  public void start() {
    blocks.get().forEach(block -> block.startTracking(DirtyClient.MIGRATION));
  }

  @Override
  public void stop() {
    blocks.get().forEach(block -> block.stopTracking(DirtyClient.MIGRATION));
  }

  @Override
  public void harvest(Sink sink) {
    for (RamBlock block : blocks.get()) {
      DirtyBitmap bitmap = block.dirty(DirtyClient.MIGRATION);
      if (bitmap != null) {
        bitmap.harvest(
            (firstPage, pages) ->
                sink.dirty(block, firstPage << RamBlock.PAGE_SHIFT, pages << RamBlock.PAGE_SHIFT));
      }
    }
  }
}
