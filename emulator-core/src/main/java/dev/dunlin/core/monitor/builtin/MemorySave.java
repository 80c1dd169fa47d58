package dev.dunlin.core.monitor.builtin;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.OpenFile;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.ram.PhysicalMemory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One {@code pmemsave} under way: a piece each turn of the loop. Loop thread. */
final class MemorySave {
  private static final int PIECE = 1 << 20;
  private static final Duration UNTIL_A_FIFO_HAS_ROOM = Duration.ofMillis(5);

  private final MainLoop loop;
  private final PhysicalMemory memory;
  private final Fd file;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).limit(0);
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private long address;
  private long left;

  private MemorySave(MainLoop loop, PhysicalMemory memory, Fd file, long address, long size) {
    this.loop = loop;
    this.memory = memory;
    this.file = file;
    this.address = address;
    this.left = size;
  }

  /** Opens the file at once; where no memory answers, zeros are written. */
  static CompletionStage<Void> start(
      MainLoop loop, PhysicalMemory memory, long address, long size, String path)
      throws MonitorException {
    if (size < 0) {
      throw new MonitorException("Parameter 'size' expects a non-negative number of bytes");
    }
    Fd file;
    try {
      file = OpenFile.forWriting(path, false);
    } catch (PosixException e) {
      throw new MonitorException("Could not open '" + path + "': " + e.errorText());
    }
    MemorySave save = new MemorySave(loop, memory, file, address, size);
    save.step();
    return save.done;
  }

  private void step() {
    try {
      fill();
      if (!piece.hasRemaining()) {
        finish();
      } else if (file.write(piece) instanceof IoOutcome.WouldBlock) {
        loop.schedule(UNTIL_A_FIFO_HAS_ROOM, this::step);
      } else {
        loop.execute(this::step);
      }
    } catch (PosixException e) {
      file.close();
      done.completeExceptionally(new MonitorException("An IO error has occurred"));
    }
  }

  private void fill() {
    if (!piece.hasRemaining() && left > 0) {
      int length = (int) Math.min(left, PIECE);
      memory.read(address, piece.clear().limit(length));
      piece.flip();
      address += length;
      left -= length;
    }
  }

  private void finish() {
    file.close();
    done.complete(null);
  }
}
