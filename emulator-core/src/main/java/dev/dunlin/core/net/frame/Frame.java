package dev.dunlin.core.net.frame;

import dev.dunlin.core.posix.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One packet: bytes between {@code start} and {@code end} of a big-endian buffer, room before them
 * for headers still to come, and the offload metadata of a {@code virtio_net_hdr}.
 *
 * <pre>
 *   0            start      network     transport            end          capacity
 *   | header room | Ethernet | IP header | transport, payload | tail room  |
 * </pre>
 *
 * On the way out the payload is written first and each layer {@link #prepend}s its header in place;
 * on the way in each layer notes where the next one begins and trims what isn't part of it.
 *
 * <p>A frame has one owner; handing it to a method that "takes" it ends the caller's use. The loop
 * thread only.
 */
public final class Frame {
  /** Enough for virtio_net_hdr, Ethernet with a tag, and the longest IPv4 and TCP headers. */
  public static final int HEAD_ROOM = 160;

  /** What a segmentation offload would cut the frame into. */
  public enum Gso {
    NONE,
    TCP_V4,
    TCP_V6,
    /** UDP cut into datagrams (VIRTIO_NET_HDR_GSO_UDP_L4). */
    UDP
  }

  private final ByteBuffer bytes;
  private final @Nullable FramePool pool;
  private boolean free;
  private long address;

  private int start;
  private int end;
  private int network;
  private int transport;

  private boolean checksumNeeded;
  private boolean checksumValid;
  private int checksumStart;
  private int checksumOffset;
  private Gso gso = Gso.NONE;
  private int gsoSize;
  private int headerLength;

  Frame(ByteBuffer bytes, @Nullable FramePool pool) {
    this.bytes = bytes.order(ByteOrder.BIG_ENDIAN);
    this.pool = pool;
    clear();
  }

  /** A heap frame that belongs to no pool; {@link #release} is harmless on it. */
  public static Frame unpooled(int payloadRoom) {
    return new Frame(ByteBuffer.allocate(HEAD_ROOM + payloadRoom), null);
  }

  /** A heap frame holding a copy of {@code packet}, for tests and embedders. */
  public static Frame copyOf(byte[] packet) {
    Frame frame = unpooled(packet.length);
    frame.bytes.put(frame.append(packet.length), packet);
    return frame;
  }

  /**
   * The whole backing buffer, big-endian; use absolute access. Position and limit mean nothing
   * between calls.
   */
  public ByteBuffer bytes() {
    return bytes;
  }

  /**
   * Where the buffer lies in memory, for system calls that take addresses. Only frames of a pool of
   * direct buffers have a place.
   */
  public long address() {
    if (address == 0) {
      address = NativeMemory.addressOf(bytes);
    }
    return address;
  }

  /** Index of the packet's first byte. */
  public int start() {
    return start;
  }

  /** Index after the packet's last byte. */
  public int end() {
    return end;
  }

  public int length() {
    return end - start;
  }

  public int capacity() {
    return bytes.capacity();
  }

  public int tailRoom() {
    return bytes.capacity() - end;
  }

  /** Index of the IP header; meaningful once the link layer has seen the frame. */
  public int network() {
    return network;
  }

  public void setNetwork(int index) {
    network = index;
  }

  /** Index of the TCP, UDP or ICMP header; meaningful once the IP layer has seen the frame. */
  public int transport() {
    return transport;
  }

  public void setTransport(int index) {
    transport = index;
  }

  /** Empties the frame: header room in front, no offload wishes. */
  public void clear() {
    bytes.clear();
    start = Math.min(HEAD_ROOM, bytes.capacity());
    end = start;
    network = start;
    transport = start;
    clearOffload();
  }

  /**
   * Takes {@code count} bytes of header room in front; returns the new start. In a frame to be
   * segmented they count as repeated headers.
   */
  public int prepend(int count) {
    if (count < 0 || count > start) {
      throw new IllegalStateException("header room: " + start + " left, " + count + " wanted");
    }
    start -= count;
    headerLength += gso == Gso.NONE ? 0 : count;
    return start;
  }

  /**
   * Adds {@code count} bytes behind; returns the index of the first. Their content is undefined.
   */
  public int append(int count) {
    if (count < 0 || count > tailRoom()) {
      throw new IllegalStateException("tail room: " + tailRoom() + " left, " + count + " wanted");
    }
    int at = end;
    end += count;
    return at;
  }

  /** Appends a copy of what remains in {@code source}, consuming it. */
  public void append(ByteBuffer source) {
    int count = source.remaining();
    int at = append(count);
    bytes.put(at, source, source.position(), count);
    source.position(source.limit());
  }

  /** Takes over a copy of another frame's packet, offload metadata and all. */
  public void copyFrom(Frame other) {
    int shift = start - other.start;
    int length = other.length();
    end = start;
    bytes.put(append(length), other.bytes, other.start, length);
    network = other.network + shift;
    transport = other.transport + shift;
    checksumNeeded = other.checksumNeeded;
    checksumValid = other.checksumValid;
    checksumStart = other.checksumStart + shift;
    checksumOffset = other.checksumOffset;
    gso = other.gso;
    gsoSize = other.gsoSize;
    headerLength = other.headerLength;
  }

  /** Moves the packet's bounds, both within the buffer. */
  public void setBounds(int newStart, int newEnd) {
    if (newStart < 0 || newEnd < newStart || newEnd > bytes.capacity()) {
      throw new IllegalStateException(
          "bounds " + newStart + ".." + newEnd + " in " + bytes.capacity());
    }
    start = newStart;
    end = newEnd;
  }

  /** Drops what lies behind {@code index}: link padding, mostly. */
  public void trimEnd(int index) {
    setBounds(start, Math.min(end, index));
  }

  /**
   * The backing buffer itself with position and limit around the range, for a channel's write:
   * nothing is allocated. Call {@link #endWindow} before anything else touches the frame.
   */
  public ByteBuffer window(int index, int length) {
    return bytes.limit(index + length).position(index);
  }

  /** Ends a {@link #window}. */
  public void endWindow() {
    bytes.clear();
  }

  /** A view of the bytes from {@code index} to {@code index + length}; allocates. */
  public ByteBuffer slice(int index, int length) {
    return bytes.slice(index, length).order(ByteOrder.BIG_ENDIAN);
  }

  /** A copy of the packet's bytes. */
  public byte[] toByteArray() {
    byte[] copy = new byte[length()];
    bytes.get(start, copy);
    return copy;
  }

  // ---- offload metadata ----

  /**
   * The transport checksum holds only the pseudo header's sum: whoever takes the frame to a wire
   * must sum from {@code from} (a buffer index) to the end and store the result at {@code from +
   * offset}.
   */
  public void needChecksum(int from, int offset) {
    checksumNeeded = true;
    checksumValid = false;
    checksumStart = from;
    checksumOffset = offset;
  }

  public boolean checksumNeeded() {
    return checksumNeeded;
  }

  /** Buffer index from which the checksum is summed. */
  public int checksumStart() {
    return checksumStart;
  }

  /** Where the checksum goes, counted from {@link #checksumStart}. */
  public int checksumOffset() {
    return checksumOffset;
  }

  /** The checksum was verified (or never left memory): don't verify it again. */
  public void setChecksumValid() {
    checksumValid = true;
  }

  /** Input may skip verification: the link vouches for it, or it was never filled in. */
  public boolean checksumTrusted() {
    return checksumValid || checksumNeeded;
  }

  /** Fills the checksum in by software and clears the wish. */
  public void completeChecksum() {
    if (checksumNeeded) {
      Checksum.complete(bytes, checksumStart, checksumOffset, end);
      checksumNeeded = false;
      checksumValid = true;
    }
  }

  /**
   * The payload after {@code headers} bytes is to be cut into pieces of {@code size}; headers that
   * are prepended later are added by themselves.
   */
  public void setGso(Gso type, int size, int headers) {
    gso = type;
    gsoSize = size;
    headerLength = headers;
  }

  public Gso gso() {
    return gso;
  }

  public int gsoSize() {
    return gsoSize;
  }

  /** Bytes from {@link #start} that are headers, repeated in every segment. */
  public int headerLength() {
    return headerLength;
  }

  public void clearOffload() {
    checksumNeeded = false;
    checksumValid = false;
    checksumStart = 0;
    checksumOffset = 0;
    gso = Gso.NONE;
    gsoSize = 0;
    headerLength = 0;
  }

  // ---- life ----

  /** Gives the frame back to its pool. Twice is a bug and says so. */
  public void release() {
    if (pool != null) {
      if (free) {
        throw new IllegalStateException("frame released twice");
      }
      free = true;
      pool.put(this);
    }
  }

  void revive() {
    free = false;
    clear();
  }
}
