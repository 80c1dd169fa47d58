package dev.dunlin.core.chardev;

import static com.google.common.base.Preconditions.checkState;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What every device has: its id, its one frontend, and the stream while somebody is there. */
abstract class AbstractChardev implements Chardev, ByteStream.Listener {
  private final String id;
  private @Nullable Frontend frontend;
  private @Nullable ByteStream stream;
  private boolean reading = true;
  private boolean noticesEnd;

  AbstractChardev(String id) {
    this.id = id;
  }

  @Override
  public final String id() {
    return id;
  }

  @Override
  public boolean isOpen() {
    return stream != null;
  }

  @Override
  public final boolean isBusy() {
    return frontend != null;
  }

  @Override
  public final void attach(Frontend newFrontend) {
    checkState(frontend == null, "chardev '%s' is in use", id);
    frontend = newFrontend;
    updateReading();
    if (isOpen()) {
      newFrontend.opened();
    }
  }

  @Override
  public final void detach() {
    frontend = null;
    reading = true;
    noticesEnd = false;
    updateReading();
  }

  @Override
  public void write(byte[] bytes) {
    if (stream != null) {
      stream.write(bytes);
    }
  }

  @Override
  public boolean isCongested() {
    return stream != null && stream.isCongested();
  }

  @Override
  public long queued() {
    return stream == null ? 0 : stream.queued();
  }

  @Override
  public final void setReading(boolean wanted) {
    reading = wanted;
    updateReading();
  }

  @Override
  public final void noticeEnd() {
    noticesEnd = true;
    updateReading();
  }

  /** Somebody is there. */
  final void connected(ByteStream newStream) {
    stream = newStream;
    reading = true;
    updateReading();
    if (frontend != null) {
      frontend.opened();
    }
  }

  /** Nobody is there any more. */
  final void disconnected() {
    if (stream != null) {
      stream.close();
      stream = null;
      if (frontend != null) {
        frontend.closed();
      }
    }
  }

  /** Gives waiting output a moment. */
  final void drain(Duration limit) {
    if (stream != null) {
      stream.drain(limit);
    }
  }

  /** Closes the stream without a word to the frontend: the device itself is going. */
  final void closeStream() {
    frontend = null;
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  @Override
  public void received(ByteBuffer bytes) {
    if (frontend != null) {
      frontend.received(bytes);
    }
  }

  @Override
  public void writable() {
    if (frontend != null) {
      frontend.writable();
    }
  }

  @Override
  public void ended() {
    disconnected();
  }

  /** Without a frontend nobody would take the input: it stays with the sender, as in QEMU. */
  private void updateReading() {
    if (stream != null) {
      stream.setNoticingEnd(noticesEnd);
      stream.setReading(reading && frontend != null);
    }
  }
}
