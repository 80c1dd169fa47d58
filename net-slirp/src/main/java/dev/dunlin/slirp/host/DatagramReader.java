package dev.dunlin.slirp.host;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.posix.DatagramBatch;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams from sockets into frames, straight behind their header room, as many as wait up to
 * {@link DatagramBatch#MOST}. Small frames lie ready for all sockets; a datagram that is longer
 * than one has the rest elsewhere and is put together in a large frame.
 */
final class DatagramReader implements AutoCloseable {
  private final FramePool pool;
  private final DropCounters drops;
  private final DatagramBatch batch = new DatagramBatch();
  private final @Nullable Frame[] ready = new @Nullable Frame[DatagramBatch.MOST];

  /** Takes the datagrams of one socket. */
  interface Sink {
    /**
     * Takes the frame, whose whole content is the datagram.
     *
     * @param sender valid during the call
     * @param ttl 0 when the socket wasn't told to say it
     */
    void datagram(Frame payload, InetName sender, int ttl);
  }

  DatagramReader(FramePool pool, DropCounters drops) {
    this.pool = pool;
    this.drops = drops;
  }

  /** One round; whatever it leaves is told by the loop again. */
  void read(DirectSocket socket, Sink sink) {
    for (int i = 0; i < DatagramBatch.MOST; i++) {
      prepare(i);
    }
    int count = batch.receive(socket, DatagramBatch.MOST);
    for (int i = 0; i < count; i++) {
      Frame frame = take(i, batch.length(i));
      if (frame == null) {
        drops.count(DropReason.NO_FRAME);
      } else {
        sink.datagram(frame, batch.sender(i), batch.ttl(i, 0));
      }
    }
  }

  private void prepare(int place) {
    if (ready[place] != null) {
      return;
    }
    Frame frame = pool.take(FramePool.SMALL);
    ready[place] = frame;
    if (frame == null) {
      batch.disarm(place);
    } else {
      batch.arm(place, frame.bytes(), frame.start(), FramePool.SMALL);
    }
  }

  private @Nullable Frame take(int place, int length) {
    Frame small = ready[place];
    if (small != null && length <= FramePool.SMALL) {
      ready[place] = null;
      small.append(length);
      return small;
    }
    Frame large = pool.take(length);
    if (large == null) {
      return null;
    }
    int inFront = small == null ? 0 : FramePool.SMALL;
    int at = large.append(length);
    if (small != null) {
      large.bytes().put(at, small.bytes(), small.start(), inFront);
    }
    batch.copyRest(place, large.bytes(), at + inFront, length - inFront);
    return large;
  }

  @Override
  public void close() {
    for (Frame frame : ready) {
      if (frame != null) {
        frame.release();
      }
    }
    Arrays.fill(ready, null);
  }
}
