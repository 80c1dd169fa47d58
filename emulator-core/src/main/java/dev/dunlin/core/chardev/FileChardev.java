package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import java.nio.ByteBuffer;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Output to a file; there is no input. A file takes everything at once; what a FIFO or a terminal
 * has no room for waits here.
 */
final class FileChardev extends AbstractChardev {
  private final MainLoop loop;
  private final Fd file;
  private final OutputQueue output = new OutputQueue();
  private @Nullable FdWatch roomWatch;

  FileChardev(String id, MainLoop loop, Fd file) {
    super(id);
    this.loop = loop;
    this.file = file;
  }

  @Override
  public String filename() {
    return "file";
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isCongested() {
    return output.bytes() > ByteStream.CONGESTED_BYTES;
  }

  @Override
  public long queued() {
    return output.bytes();
  }

  @Override
  public void write(byte[] bytes) {
    boolean idle = output.isEmpty();
    output.add(bytes);
    if (idle) {
      flush();
    }
  }

  private void flush() {
    try {
      for (ByteBuffer head = output.head(); head != null; head = output.head()) {
        if (!(file.write(head) instanceof IoOutcome.Transferred moved)) {
          awaitRoom(FdEvents.WRITE);
          return;
        }
        output.taken(moved.bytes());
      }
    } catch (PosixException e) {
      // A full disk, a FIFO whose reader left: this piece is lost, the next may not be.
      LogManager.getLogger(FileChardev.class).warn("chardev '{}': {}", id(), e.getMessage());
      output.clear();
    }
    awaitRoom(FdEvents.NONE);
  }

  private void awaitRoom(FdEvents interest) {
    FdWatch watch = roomWatch;
    if (watch != null) {
      watch.setInterest(interest);
    } else if (interest.writable()) {
      roomWatch = loop.watch(file.number(), interest, events -> roomCame());
    }
  }

  private void roomCame() {
    flush();
    if (output.isEmpty()) {
      writable();
    }
  }

  @Override
  public void close() {
    closeStream();
    FdWatch watch = roomWatch;
    if (watch != null) {
      watch.close();
    }
    output.clear();
    file.close();
  }
}
