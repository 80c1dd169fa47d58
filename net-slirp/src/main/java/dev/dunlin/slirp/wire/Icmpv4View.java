package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;

/** ICMP for IPv4 (RFC 792). Reused by its owner; the loop thread only. */
public final class Icmpv4View {
  public static final int LENGTH = 8;
  public static final int ECHO_REPLY = 0;
  public static final int UNREACHABLE = 3;
  public static final int REDIRECT = 5;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;
  public static final int PARAMETER_PROBLEM = 12;

  public static final int CODE_NET = 0;
  public static final int CODE_HOST = 1;
  public static final int CODE_PROTOCOL = 2;
  public static final int CODE_PORT = 3;
  public static final int CODE_FRAGMENTATION_NEEDED = 4;
  public static final int CODE_ADMIN_PROHIBITED = 13;
  public static final int CODE_TTL = 0;
  public static final int CODE_REASSEMBLY = 1;

  private static final int TYPE = 0;
  private static final int CODE = 1;
  private static final int CHECKSUM = 2;
  private static final int REST = 4;
  private static final int ID = 4;
  private static final int SEQUENCE = 6;
  private static final int MTU = 6;

  private ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
  private int at;
  private int end;

  /** Whether a header fits between {@code start} and {@code limit}; all of it is the message. */
  public boolean wrap(ByteBuffer buffer, int start, int limit) {
    if (limit - start < LENGTH) {
      return false;
    }
    bytes = buffer;
    at = start;
    end = limit;
    return true;
  }

  public int type() {
    return bytes.get(at + TYPE) & 0xff;
  }

  public int code() {
    return bytes.get(at + CODE) & 0xff;
  }

  public int id() {
    return bytes.getShort(at + ID) & 0xffff;
  }

  public int sequence() {
    return bytes.getShort(at + SEQUENCE) & 0xffff;
  }

  /** Next-hop MTU of "fragmentation needed" (RFC 1191). */
  public int mtu() {
    return bytes.getShort(at + MTU) & 0xffff;
  }

  public boolean checksumValid() {
    return Checksum.valid(0, bytes, at, end - at);
  }

  /** Index of what follows the eight bytes: echo data or the quoted packet. */
  public int payload() {
    return at + LENGTH;
  }

  public int payloadLength() {
    return end - at - LENGTH;
  }

  /** An error, which must never be answered by an error (RFC 1122 section 3.2.2). */
  public static boolean isError(int type) {
    return type == UNREACHABLE
        || type == 4
        || type == REDIRECT
        || type == TIME_EXCEEDED
        || type == PARAMETER_PROBLEM;
  }

  /** Turns an echo request into its reply in place; only the type changes. */
  public void turnIntoReply() {
    bytes.put(at + TYPE, (byte) ECHO_REPLY);
    writeChecksum();
  }

  public void writeChecksum() {
    bytes.putShort(at + CHECKSUM, (short) 0);
    bytes.putShort(at + CHECKSUM, (short) Checksum.of(bytes, at, end - at));
  }

  /** Prepends a header with the given last four bytes to the frame's content. */
  public static void prepend(Frame frame, int type, int code, int rest) {
    int at = frame.prepend(LENGTH);
    ByteBuffer bytes = frame.bytes();
    bytes.put(at + TYPE, (byte) type);
    bytes.put(at + CODE, (byte) code);
    bytes.putShort(at + CHECKSUM, (short) 0);
    bytes.putInt(at + REST, rest);
    bytes.putShort(at + CHECKSUM, (short) Checksum.of(bytes, at, frame.end() - at));
    frame.setTransport(at);
  }
}
