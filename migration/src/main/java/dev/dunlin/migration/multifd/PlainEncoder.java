package dev.dunlin.migration.multifd;

import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.NativeMemory;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pages as they are, out of the guest's own memory where it is flat. A page may change while the
 * kernel copies it; then it is dirty and comes again.
 */
final class PlainEncoder implements BatchEncoder {
  /** Reachable while the kernel reads them. */
  private final List<ByteBuffer> windows = new ArrayList<>();

  private @Nullable ByteBuffer copies;

  @Override
  public int encode(PageBatch batch, IoVectors vectors) {
    windows.clear();
    if (copies != null) {
      copies.clear();
    }
    for (int i = 0; i < batch.count(); ) {
      int run = batch.run(i);
      int length = run * RamBlock.PAGE_SIZE;
      ByteBuffer memory = memory(batch.block(), batch.offset(i), length);
      windows.add(memory);
      vectors.add(NativeMemory.addressOf(memory), length);
      i += run;
    }
    return batch.bytes();
  }

  private ByteBuffer memory(RamBlock block, long offset, int length) {
    Optional<ByteBuffer> window = block.backing().window(offset, length);
    if (window.isPresent() && window.get().isDirect()) {
      return window.get();
    }
    ByteBuffer room = room();
    int at = room.position();
    block.read(offset, room.limit(at + length));
    room.limit(room.capacity());
    return room.slice(at, length);
  }

  private ByteBuffer room() {
    ByteBuffer made = copies;
    if (made == null) {
      made = ByteBuffer.allocateDirect(PageBatch.MOST_BYTES);
      copies = made;
    }
    return made;
  }

  @Override
  public void close() {
    windows.clear();
  }
}
