package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;

/**
 * IPv4 header (RFC 791). {@link #wrap} checks version and every length; {@link #problem} tells
 * which of them was wrong. Reused by its owner; the loop thread only.
 */
public final class Ipv4View {
  public static final int MIN_LENGTH = 20;
  public static final int MAX_PACKET = 65_535;
  public static final int DONT_FRAGMENT = 0x4000;
  public static final int MORE_FRAGMENTS = 0x2000;
  public static final int OFFSET_MASK = 0x1fff;

  private static final int VERSION_IHL = 0;
  private static final int TOS = 1;
  private static final int TOTAL_LENGTH = 2;
  private static final int ID = 4;
  private static final int FRAGMENT = 6;
  private static final int TTL = 8;
  private static final int PROTOCOL = 9;
  private static final int CHECKSUM = 10;
  private static final int SOURCE = 12;
  private static final int DESTINATION = 16;
  private static final int OPTIONS = 20;

  private static final int OPTION_END = 0;
  private static final int OPTION_NOP = 1;
  private static final int OPTION_LOOSE_ROUTE = 131;
  private static final int OPTION_STRICT_ROUTE = 137;

  private ByteBuffer bytes = ByteBuffer.allocate(MIN_LENGTH);
  private int at;
  private DropReason problem = DropReason.IP_HEADER_LENGTH;

  /** Whether a whole packet lies between {@code start} and {@code end}; more may follow it. */
  public boolean wrap(ByteBuffer buffer, int start, int end) {
    return wrapHeader(buffer, start, end) && fitsTotalLength(end - start);
  }

  /**
   * The same for a packet that may be cut after its header, as ICMP errors quote it: the total
   * length isn't compared with the bytes present.
   */
  public boolean wrapHeader(ByteBuffer buffer, int start, int end) {
    int available = end - start;
    if (available < MIN_LENGTH) {
      problem = DropReason.IP_HEADER_LENGTH;
      return false;
    }
    bytes = buffer;
    at = start;
    if (version() != 4) {
      problem = DropReason.IP_VERSION;
      return false;
    }
    if (headerLength() < MIN_LENGTH || headerLength() > available) {
      problem = DropReason.IP_HEADER_LENGTH;
      return false;
    }
    return true;
  }

  private boolean fitsTotalLength(int available) {
    if (totalLength() < headerLength() || totalLength() > available) {
      problem = DropReason.IP_TOTAL_LENGTH;
      return false;
    }
    return true;
  }

  /** What the last {@link #wrap} that said no stumbled over. */
  public DropReason problem() {
    return problem;
  }

  public int version() {
    return (bytes.get(at + VERSION_IHL) & 0xf0) >>> 4;
  }

  public int headerLength() {
    return (bytes.get(at + VERSION_IHL) & 0x0f) << 2;
  }

  /** Type of service: DSCP and ECN. */
  public int tos() {
    return bytes.get(at + TOS) & 0xff;
  }

  public int totalLength() {
    return bytes.getShort(at + TOTAL_LENGTH) & 0xffff;
  }

  public int id() {
    return bytes.getShort(at + ID) & 0xffff;
  }

  public boolean dontFragment() {
    return (bytes.getShort(at + FRAGMENT) & DONT_FRAGMENT) != 0;
  }

  public boolean moreFragments() {
    return (bytes.getShort(at + FRAGMENT) & MORE_FRAGMENTS) != 0;
  }

  /** In bytes. */
  public int fragmentOffset() {
    return (bytes.getShort(at + FRAGMENT) & OFFSET_MASK) << 3;
  }

  public boolean isFragment() {
    return (bytes.getShort(at + FRAGMENT) & (MORE_FRAGMENTS | OFFSET_MASK)) != 0;
  }

  public int ttl() {
    return bytes.get(at + TTL) & 0xff;
  }

  public int protocol() {
    return bytes.get(at + PROTOCOL) & 0xff;
  }

  public int source() {
    return bytes.getInt(at + SOURCE);
  }

  public int destination() {
    return bytes.getInt(at + DESTINATION);
  }

  /** Index of the header. */
  public int start() {
    return at;
  }

  /** Index of the first byte after the header. */
  public int payload() {
    return at + headerLength();
  }

  public int payloadLength() {
    return totalLength() - headerLength();
  }

  public boolean checksumValid() {
    return Checksum.valid(0, bytes, at, headerLength());
  }

  public boolean hasOptions() {
    return headerLength() > MIN_LENGTH;
  }

  /**
   * Whether the options can be walked to their end and none asks for source routing, which RFC 7126
   * section 4.3 tells to drop. A length of 0 or 1, or one past the header, is malformed.
   */
  public boolean optionsAcceptable() {
    int end = payload();
    for (int i = at + OPTIONS; i < end; ) {
      int type = bytes.get(i) & 0xff;
      if (type == OPTION_END) {
        return true;
      }
      if (type == OPTION_NOP) {
        i++;
        continue;
      }
      if (type == OPTION_LOOSE_ROUTE || type == OPTION_STRICT_ROUTE || i + 1 >= end) {
        return false;
      }
      int length = bytes.get(i + 1) & 0xff;
      if (length < 2 || i + length > end) {
        return false;
      }
      i += length;
    }
    return true;
  }

  /** Lowers the TTL by one and mends the checksum (RFC 1624). */
  public void decrementTtl() {
    int before = bytes.getShort(at + TTL) & 0xffff;
    int after = before - 0x100;
    bytes.putShort(at + TTL, (short) after);
    bytes.putShort(
        at + CHECKSUM,
        (short) Checksum.update16(bytes.getShort(at + CHECKSUM) & 0xffff, before, after));
  }

  /** Sets flags and offset (in bytes), total length, and mends the checksum from scratch. */
  public void setFragment(int flags, int offset, int totalLength) {
    bytes.putShort(at + FRAGMENT, (short) (flags | offset >>> 3));
    bytes.putShort(at + TOTAL_LENGTH, (short) totalLength);
    writeChecksum();
  }

  public void setId(int id) {
    bytes.putShort(at + ID, (short) id);
  }

  public void setTotalLength(int length) {
    bytes.putShort(at + TOTAL_LENGTH, (short) length);
  }

  public void writeChecksum() {
    bytes.putShort(at + CHECKSUM, (short) 0);
    bytes.putShort(at + CHECKSUM, (short) Checksum.of(bytes, at, headerLength()));
  }

  /** Prepends a header without options to the frame and marks it as the network header. */
  public static void prepend(
      Frame frame, int tos, int id, int flags, int ttl, int protocol, int source, int destination) {
    int length = frame.length() + MIN_LENGTH;
    int at = frame.prepend(MIN_LENGTH);
    ByteBuffer bytes = frame.bytes();
    bytes.put(at + VERSION_IHL, (byte) 0x45);
    bytes.put(at + TOS, (byte) tos);
    bytes.putShort(at + TOTAL_LENGTH, (short) length);
    bytes.putShort(at + ID, (short) id);
    bytes.putShort(at + FRAGMENT, (short) flags);
    bytes.put(at + TTL, (byte) ttl);
    bytes.put(at + PROTOCOL, (byte) protocol);
    bytes.putShort(at + CHECKSUM, (short) 0);
    bytes.putInt(at + SOURCE, source);
    bytes.putInt(at + DESTINATION, destination);
    bytes.putShort(at + CHECKSUM, (short) Checksum.of(bytes, at, MIN_LENGTH));
    frame.setNetwork(at);
  }
}
