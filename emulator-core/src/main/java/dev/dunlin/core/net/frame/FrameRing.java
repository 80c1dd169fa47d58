package dev.dunlin.core.net.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies of frames on their way from one thread to another: a ring of bytes with one producer and
 * one consumer, both wait-free. At its bound {@link #offer} says no. Nothing is allocated after it
 * was made.
 *
 * <p>A record is a header of 24 bytes, the packet, and padding to a multiple of 8; a record never
 * wraps: where the end of the ring is too near, a header with a negative length sends the consumer
 * to the start.
 */
public final class FrameRing {
  private static final int HEADER = 24;
  private static final int LENGTH = 0;
  private static final int FLAGS = 4;
  private static final int CHECKSUM_START = 8;
  private static final int CHECKSUM_OFFSET = 12;
  private static final int GSO_SIZE = 16;
  private static final int HEADER_LENGTH = 20;
  private static final int SKIP = -1;

  private static final int NEEDS_CHECKSUM = 1;
  private static final int CHECKSUM_VALID = 2;
  private static final int VNET_HEADER = 4;
  private static final int GSO_SHIFT = 8;
  private static final Frame.Gso[] GSO = Frame.Gso.values();

  private final ByteBuffer bytes;
  private final int mask;

  /** Bytes ever written and ever read; their difference is what is in the ring. */
  private final AtomicLong written = new AtomicLong();

  private final AtomicLong read = new AtomicLong();

  /** The producer's own position, ahead of {@link #written} inside an offer. */
  private long writing;

  /** The consumer's position as the producer last saw it, and the other way round. */
  private long seenRead;

  private long seenWritten;

  /**
   * @param capacity bytes, a power of two
   */
  public FrameRing(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("not a power of two: " + capacity);
    }
    bytes = ByteBuffer.allocate(capacity).order(ByteOrder.BIG_ENDIAN);
    mask = capacity - 1;
  }

  /** Copies a frame in, with its offload metadata; the frame stays the caller's. Producer. */
  public boolean offer(Frame frame) {
    int length = frame.length();
    if (!makeRoom(length)) {
      return false;
    }
    int at = (int) writing & mask;
    bytes.put(at + HEADER, frame.bytes(), frame.start(), length);
    int flags = frame.gso().ordinal() << GSO_SHIFT;
    flags |= frame.checksumNeeded() ? NEEDS_CHECKSUM : 0;
    flags |= !frame.checksumNeeded() && frame.checksumTrusted() ? CHECKSUM_VALID : 0;
    bytes.putInt(at + FLAGS, flags);
    bytes.putInt(at + CHECKSUM_START, frame.checksumStart() - frame.start());
    bytes.putInt(at + CHECKSUM_OFFSET, frame.checksumOffset());
    bytes.putInt(at + GSO_SIZE, frame.gsoSize());
    bytes.putInt(at + HEADER_LENGTH, frame.headerLength());
    publish(at, length);
    return true;
  }

  /**
   * Copies plain bytes in.
   *
   * @param vnetHeader whether they begin with a {@code virtio_net_hdr}. Producer.
   */
  public boolean offer(byte[] source, int offset, int length, boolean vnetHeader) {
    if (!makeRoom(length)) {
      return false;
    }
    int at = (int) writing & mask;
    bytes.put(at + HEADER, source, offset, length);
    bytes.putInt(at + FLAGS, vnetHeader ? VNET_HEADER : 0);
    publish(at, length);
    return true;
  }

  /** The same from a buffer, by absolute index. Producer. */
  public boolean offer(ByteBuffer source, int offset, int length, boolean vnetHeader) {
    if (!makeRoom(length)) {
      return false;
    }
    int at = (int) writing & mask;
    bytes.put(at + HEADER, source, offset, length);
    bytes.putInt(at + FLAGS, vnetHeader ? VNET_HEADER : 0);
    publish(at, length);
    return true;
  }

  /** Whether nothing is there to read. Consumer. */
  public boolean isEmpty() {
    long at = read.getPlain();
    if (at == seenWritten) {
      seenWritten = written.getAcquire();
    }
    return at == seenWritten;
  }

  /** Whether the consumer has taken everything, as far as is known by now. Producer. */
  public boolean isDrained() {
    return read.getAcquire() == writing;
  }

  /** Length of the packet that is next; only when there is one. Consumer. */
  public int nextLength() {
    int at = next();
    return bytes.getInt(at + LENGTH);
  }

  /**
   * Moves the next packet into an empty frame with room for it. No, and the frame is to be dropped,
   * when the {@code virtio_net_hdr} before it made no sense. Consumer.
   */
  public boolean take(Frame into) {
    int at = next();
    int length = bytes.getInt(at + LENGTH);
    into.bytes().put(into.append(length), bytes, at + HEADER, length);
    int flags = bytes.getInt(at + FLAGS);
    boolean good = true;
    if ((flags & VNET_HEADER) != 0) {
      good = VnetHeader.strip(into);
    } else if ((flags & NEEDS_CHECKSUM) != 0) {
      into.needChecksum(
          into.start() + bytes.getInt(at + CHECKSUM_START), bytes.getInt(at + CHECKSUM_OFFSET));
    } else if ((flags & CHECKSUM_VALID) != 0) {
      into.setChecksumValid();
    }
    Frame.Gso gso = GSO[flags >>> GSO_SHIFT];
    if (gso != Frame.Gso.NONE) {
      into.setGso(gso, bytes.getInt(at + GSO_SIZE), bytes.getInt(at + HEADER_LENGTH));
    }
    skip();
    return good;
  }

  /** Drops the next packet. Consumer. */
  public void skip() {
    int at = next();
    read.setRelease(read.getPlain() + recordLength(bytes.getInt(at + LENGTH)));
  }

  /** Index of the next record, past a jump to the start. */
  private int next() {
    if (isEmpty()) {
      throw new IllegalStateException("nothing in the ring");
    }
    long from = read.getPlain();
    int at = (int) from & mask;
    if (bytes.getInt(at + LENGTH) == SKIP) {
      from += mask + 1 - at;
      read.setRelease(from);
      at = (int) from & mask;
    }
    return at;
  }

  /** Whether a record fits; jumps to the start of the ring where it must. */
  private boolean makeRoom(int length) {
    int record = recordLength(length);
    long from = writing;
    int toEnd = mask + 1 - ((int) from & mask);
    int needed = record <= toEnd ? record : toEnd + record;
    if (from + needed - seenRead > mask + 1) {
      seenRead = read.getAcquire();
      if (from + needed - seenRead > mask + 1) {
        return false;
      }
    }
    if (record > toEnd) {
      bytes.putInt(((int) from & mask) + LENGTH, SKIP);
      // The consumer sees it together with the record behind it.
      writing = from + toEnd;
    }
    return true;
  }

  private void publish(int at, int length) {
    bytes.putInt(at + LENGTH, length);
    writing += recordLength(length);
    written.setRelease(writing);
  }

  private static int recordLength(int length) {
    return (HEADER + length + 7) & ~7;
  }
}
