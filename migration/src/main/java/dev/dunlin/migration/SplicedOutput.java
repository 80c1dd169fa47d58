package dev.dunlin.migration;

import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.PipeSplice;
import dev.dunlin.migration.channel.OutgoingChannel;
import dev.dunlin.migration.channel.ReferenceSink;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.ram.RamFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Puts guest pages into an exec command's pipe or a unix socket by reference (vmsplice(2)), which
 * spares one of the two copies a page makes on its way. Migration thread.
 *
 * <p>Why that is sound. What a reader finds is the page as it is when it reads, so it may find a
 * newer content than was there when the page was sent, or half of it. A page can change
 *
 * <ul>
 *   <li>while the guest runs. Then its dirty bit is set after the write and the page is sent again
 *       later in the stream, where the later copy wins.
 *   <li>after the end, when the guest may run again. {@code completed} is said only when the
 *       command has emptied the pipe and exited, so what can still be on its way by reference is
 *       what a command that itself splices has handed on: to a FIFO, a socket's queue, a process in
 *       the background. That is a last stretch of the stream, {@link #IN_FLIGHT} at most.
 *       Therefore, before the guest is stopped, every page that went by reference within the last
 *       such stretch is sent once more, by copy, and from there on to the end everything is copied:
 *       of each page the last word is a copy.
 * </ul>
 *
 * <p>Record headers go the same way, out of a ring that is written once in 128 MiB of stream at
 * most, and never again once the stream has ended: it is mapped for this stream alone.
 */
final class SplicedOutput extends StreamOutput {
  /**
   * More than any pipe (1 MiB unless root says otherwise) and socket queue (6 MiB) together hold.
   */
  static final long IN_FLIGHT = 64L << 20;

  /**
   * RAM of a machine below which all goes by copy: what is sent twice is too large a part of it
   * then, and saved files have it too.
   */
  private static final long LEAST_RAM = 4 * IN_FLIGHT;

  /** What a second at least may carry: to be sent twice takes a tenth of one then. */
  private static final long LEAST_BANDWIDTH = 10 * IN_FLIGHT;

  /**
   * Each header of at most 32 bytes brings a page of 4096 with it, so a place in the ring is used
   * again after 128 MiB of stream.
   */
  private static final int RING = 1 << 20;

  private static final int LARGEST_HEADER = 32;

  private final ReferenceSink sink;
  private final IoVectors vectors = new IoVectors();
  private final ByteBuffer ring;
  private final long ringAddress;
  private boolean byCopy;

  private SplicedOutput(OutgoingChannel channel, ReferenceSink sink, ByteBuffer ring) {
    super(channel);
    this.sink = sink;
    this.ring = ring;
    this.ringAddress = PipeSplice.address(ring);
  }

  /**
   * Whether what this spares is worth what it sends twice.
   *
   * @param ramLength bytes of RAM that the machine has
   * @param maxBandwidth bytes a second, unsigned; 0 for no limit
   */
  static boolean pays(long ramLength, long maxBandwidth) {
    return ramLength >= LEAST_RAM
        && (maxBandwidth == 0 || Long.compareUnsigned(maxBandwidth, LEAST_BANDWIDTH) >= 0);
  }

  static SplicedOutput into(OutgoingChannel channel, ReferenceSink sink) throws IOException {
    RamFile file = GuestMemoryFiles.best().create("migration headers", RING);
    ByteBuffer ring = file.map(0, RING).order(ByteOrder.BIG_ENDIAN);
    file.close();
    return new SplicedOutput(channel, sink, ring);
  }

  @Override
  public void putMemory(ByteBuffer memory, int offset, int length) throws IOException {
    if (byCopy) {
      super.putMemory(memory, offset, length);
      return;
    }
    takeHeader();
    vectors.add(PipeSplice.address(memory) + offset, length);
    taken(length);
    if (vectors.room() < 2) {
      sink.splice(vectors);
    }
  }

  private void takeHeader() throws IOException {
    ByteBuffer staged = staged();
    int length = staged.position();
    if (length > LARGEST_HEADER) {
      flush();
      return;
    }
    if (ring.remaining() < length) {
      ring.clear();
    }
    int at = ring.position();
    ring.put(staged.flip());
    staged.clear();
    vectors.add(ringAddress + at, length);
    taken(length);
  }

  @Override
  public void flush() throws IOException {
    sink.splice(vectors);
    flushStaging();
  }

  @Override
  public boolean sendsByReference() {
    return !byCopy;
  }

  @Override
  public void sendByCopyFromNowOn() throws IOException {
    byCopy = true;
    sink.splice(vectors);
  }
}
