package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;

/** UDP header (RFC 768). Reused by its owner; the loop thread only. */
public final class UdpView {
  public static final int LENGTH = 8;

  /** Longest payload of an IPv4 datagram without options. */
  public static final int MAX_PAYLOAD = 65_535 - Ipv4View.MIN_LENGTH - LENGTH;

  private static final int SOURCE_PORT = 0;
  private static final int DESTINATION_PORT = 2;
  private static final int DATAGRAM_LENGTH = 4;
  private static final int CHECKSUM = 6;

  private ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
  private int at;

  /** Whether a whole datagram lies between {@code start} and {@code end}; padding may follow. */
  public boolean wrap(ByteBuffer buffer, int start, int end) {
    if (end - start < LENGTH) {
      return false;
    }
    int length = buffer.getShort(start + DATAGRAM_LENGTH) & 0xffff;
    if (length < LENGTH || length > end - start) {
      return false;
    }
    bytes = buffer;
    at = start;
    return true;
  }

  public int sourcePort() {
    return bytes.getShort(at + SOURCE_PORT) & 0xffff;
  }

  public int destinationPort() {
    return bytes.getShort(at + DESTINATION_PORT) & 0xffff;
  }

  /** Header and payload. */
  public int length() {
    return bytes.getShort(at + DATAGRAM_LENGTH) & 0xffff;
  }

  public int payload() {
    return at + LENGTH;
  }

  public int payloadLength() {
    return length() - LENGTH;
  }

  /** IPv4 allows "no checksum"; RFC 8200 section 8.1 forbids it for IPv6. */
  public boolean hasChecksum() {
    return bytes.getShort(at + CHECKSUM) != 0;
  }

  public boolean checksumValid(IpAddr source, IpAddr destination) {
    if (!hasChecksum()) {
      return source.isV4();
    }
    long pseudo = PseudoHeader.sum(source, destination, IpProtocol.UDP, length());
    return Checksum.valid(pseudo, bytes, at, length());
  }

  /**
   * Prepends a header to the frame's content and asks for its checksum as an offload: the link
   * either passes the wish on or fills it in.
   */
  public static void prepend(
      Frame frame, IpAddr source, int sourcePort, IpAddr destination, int destinationPort) {
    int length = frame.length() + LENGTH;
    int at = frame.prepend(LENGTH);
    ByteBuffer bytes = frame.bytes();
    bytes.putShort(at + SOURCE_PORT, (short) sourcePort);
    bytes.putShort(at + DESTINATION_PORT, (short) destinationPort);
    bytes.putShort(at + DATAGRAM_LENGTH, (short) length);
    int partial = Checksum.fold(PseudoHeader.sum(source, destination, IpProtocol.UDP, length));
    bytes.putShort(at + CHECKSUM, (short) partial);
    frame.setTransport(at);
    frame.needChecksum(at, CHECKSUM);
  }
}
