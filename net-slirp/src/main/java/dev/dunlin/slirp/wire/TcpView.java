package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;

/** TCP header (RFC 9293 section 3.1). Reused by its owner; the loop thread only. */
public final class TcpView {
  public static final int MIN_LENGTH = 20;
  public static final int MAX_LENGTH = 60;

  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;
  public static final int URG = 0x20;

  private static final int SOURCE_PORT = 0;
  private static final int DESTINATION_PORT = 2;
  private static final int SEQUENCE = 4;
  private static final int ACKNOWLEDGMENT = 8;
  private static final int DATA_OFFSET = 12;
  private static final int FLAGS = 13;
  private static final int WINDOW = 14;
  private static final int CHECKSUM = 16;
  private static final int URGENT = 18;

  private ByteBuffer bytes = ByteBuffer.allocate(MIN_LENGTH);
  private int at;
  private int end;

  /** Whether a whole header lies between {@code start} and {@code limit}; the rest is payload. */
  public boolean wrap(ByteBuffer buffer, int start, int limit) {
    if (limit - start < MIN_LENGTH) {
      return false;
    }
    int header = (buffer.get(start + DATA_OFFSET) & 0xf0) >>> 2;
    if (header < MIN_LENGTH || header > limit - start) {
      return false;
    }
    bytes = buffer;
    at = start;
    end = limit;
    return true;
  }

  public int sourcePort() {
    return bytes.getShort(at + SOURCE_PORT) & 0xffff;
  }

  public int destinationPort() {
    return bytes.getShort(at + DESTINATION_PORT) & 0xffff;
  }

  /** To be compared by {@link SeqNum} only. */
  public int sequence() {
    return bytes.getInt(at + SEQUENCE);
  }

  /** Meaningful with {@link #ACK}; to be compared by {@link SeqNum} only. */
  public int acknowledgment() {
    return bytes.getInt(at + ACKNOWLEDGMENT);
  }

  public int headerLength() {
    return (bytes.get(at + DATA_OFFSET) & 0xf0) >>> 2;
  }

  public int flags() {
    return bytes.get(at + FLAGS) & 0xff;
  }

  public boolean has(int flag) {
    return (bytes.get(at + FLAGS) & flag) != 0;
  }

  /** As sent: not scaled. */
  public int window() {
    return bytes.getShort(at + WINDOW) & 0xffff;
  }

  public ByteBuffer bytes() {
    return bytes;
  }

  /** Index of the first option. */
  public int options() {
    return at + MIN_LENGTH;
  }

  /** Index of the first byte after the header. */
  public int payload() {
    return at + headerLength();
  }

  public int payloadLength() {
    return end - payload();
  }

  public boolean checksumValid(IpAddr source, IpAddr destination) {
    long pseudo = PseudoHeader.sum(source, destination, IpProtocol.TCP, end - at);
    return Checksum.valid(pseudo, bytes, at, end - at);
  }

  /**
   * Prepends a header with room for {@code options} bytes of options (a multiple of four), which
   * the caller fills in from {@code frame.start() + MIN_LENGTH} on.
   */
  public static void prepend(
      Frame frame,
      int ports,
      int sequence,
      int acknowledgment,
      int flags,
      int window,
      int options) {
    int length = MIN_LENGTH + options;
    int at = frame.prepend(length);
    ByteBuffer bytes = frame.bytes();
    bytes.putInt(at + SOURCE_PORT, ports);
    bytes.putInt(at + SEQUENCE, sequence);
    bytes.putInt(at + ACKNOWLEDGMENT, acknowledgment);
    bytes.put(at + DATA_OFFSET, (byte) (length << 2));
    bytes.put(at + FLAGS, (byte) flags);
    bytes.putShort(at + WINDOW, (short) window);
    bytes.putShort(at + URGENT, (short) 0);
    frame.setTransport(at);
  }

  /** Asks for the checksum of the frame's segment as an offload. */
  public static void requestChecksum(Frame frame, IpAddr source, IpAddr destination) {
    int at = frame.transport();
    long pseudo = PseudoHeader.sum(source, destination, IpProtocol.TCP, frame.end() - at);
    frame.bytes().putShort(at + CHECKSUM, (short) Checksum.fold(pseudo));
    frame.needChecksum(at, CHECKSUM);
  }
}
