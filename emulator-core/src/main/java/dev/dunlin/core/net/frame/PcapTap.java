package dev.dunlin.core.net.frame;

import dev.dunlin.core.loop.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.apache.logging.log4j.LogManager;

/**
 * Records frames as a classic pcap file with nanosecond stamps (magic a1b23c4d) that come from the
 * injected clock: a deterministic run writes the same file twice. Checksums left to offload are
 * filled in on the copy, so a reader sees the frame as a wire would have carried it.
 *
 * <p>A write error ends the recording with one log line and never the traffic.
 */
public final class PcapTap implements AutoCloseable {
  private static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int RECORD_HEADER = 16;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final WritableByteChannel out;
  private final Clock clock;
  private final long wallOrigin;
  private final long nanoOrigin;
  private final int snapLength;
  private final ByteBuffer record;
  private boolean open = true;

  /** Writes the file header. At most {@code snapLength} bytes of each frame are kept. */
  public PcapTap(WritableByteChannel out, Clock clock, int snapLength) {
    this.out = out;
    this.clock = clock;
    this.snapLength = snapLength;
    // Stamps follow the monotonic clock from one reading of the wall, so they never run backwards.
    wallOrigin = clock.wallMicros() * 1000;
    nanoOrigin = clock.nanoTime();
    record = ByteBuffer.allocate(RECORD_HEADER + 24 + 66_000).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(MAGIC_NANOSECONDS).putShort((short) 2).putShort((short) 4);
    record.putInt(0).putInt(0).putInt(snapLength).putInt(LINKTYPE_ETHERNET);
    flush();
  }

  /** Appends a copy of the frame. */
  public void record(Frame frame) {
    if (!open) {
      return;
    }
    long stamp = wallOrigin + clock.nanoTime() - nanoOrigin;
    int kept = Math.min(frame.length(), Math.min(snapLength, record.capacity() - RECORD_HEADER));
    record.putInt((int) (stamp / NANOS_PER_SECOND)).putInt((int) (stamp % NANOS_PER_SECOND));
    record.putInt(kept).putInt(frame.length());
    record.put(RECORD_HEADER, frame.bytes(), frame.start(), kept);
    record.position(RECORD_HEADER + kept);
    fillChecksum(frame, kept);
    flush();
  }

  private void fillChecksum(Frame frame, int kept) {
    int field = frame.checksumStart() + frame.checksumOffset() - frame.start();
    if (frame.checksumNeeded() && field + 2 <= kept) {
      int from = frame.checksumStart();
      int value = Checksum.of(frame.bytes(), from, frame.end() - from);
      int stored = Checksum.inField(value, frame.checksumOffset());
      record.put(RECORD_HEADER + field, (byte) (stored >>> 8));
      record.put(RECORD_HEADER + field + 1, (byte) stored);
    }
  }

  private void flush() {
    record.flip();
    try {
      while (record.hasRemaining()) {
        if (out.write(record) == 0) {
          throw new IOException("the channel takes no more");
        }
      }
    } catch (IOException e) {
      LogManager.getLogger(PcapTap.class).warn("packet capture stopped: {}", e.toString());
      close();
    }
    record.clear();
  }

  /** A port that records what passes through it. */
  public FramePort before(FramePort next) {
    return frame -> {
      record(frame);
      next.send(frame);
    };
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    try {
      out.close();
    } catch (IOException e) {
      LogManager.getLogger(PcapTap.class).warn("packet capture: {}", e.toString());
    }
  }
}
