package dev.dunlin.bench.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;

/**
 * Counts the datagrams of one flood that arrive within a span after its first one. Commands set
 * what to count; the sink's own thread counts, until its channel is closed.
 */
final class UdpSink {
  /** A flood that begins not even now was lost as a whole. */
  private static final long LONGEST_START = TimeUnit.SECONDS.toNanos(3);

  /** What is still queued somewhere after a flood may take so long to come. */
  private static final long LONGEST_TAIL = TimeUnit.SECONDS.toNanos(30);

  private static final int QUIET_MILLIS = 300;

  private record Watch(int tag, long nanos) {}

  private static final Watch NOTHING = new Watch(0, 1);

  private volatile Watch watch = NOTHING;
  private volatile long seen;
  private volatile long arrived;

  void start(DatagramChannel channel) {
    HostServers.thread("sink", () -> count(channel));
  }

  double watch(int tag, long millis) {
    seen = 0;
    watch = new Watch(tag, TimeUnit.MILLISECONDS.toNanos(millis));
    return 0;
  }

  /** How many there were, once no more come. */
  double seenPerSecond() throws IOException {
    awaitQuiet();
    return seen * 1e9 / watch.nanos();
  }

  private void awaitQuiet() throws IOException {
    long start = System.nanoTime();
    long before = -1;
    while (before != arrived || (seen == 0 && System.nanoTime() - start < LONGEST_START)) {
      if (System.nanoTime() - start > watch.nanos() + LONGEST_TAIL) {
        throw new IOException("the flood has no end");
      }
      before = arrived;
      try {
        Thread.sleep(QUIET_MILLIS);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only this thread counts.
  private void count(DatagramChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
    Watch counted = NOTHING;
    long first = 0;
    try {
      while (true) {
        channel.receive(buffer.clear());
        arrived++;
        Watch now = watch;
        if (now != counted && buffer.getInt(0) == now.tag()) {
          counted = now;
          first = System.nanoTime();
        }
        if (buffer.getInt(0) == counted.tag() && System.nanoTime() - first < counted.nanos()) {
          seen++;
        }
      }
    } catch (ClosedChannelException itIsOver) {
      return;
    }
  }
}
