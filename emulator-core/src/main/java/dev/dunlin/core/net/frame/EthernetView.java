package dev.dunlin.core.net.frame;

import java.nio.ByteBuffer;

/** Ethernet II header. Reused by its owner; the loop thread only. */
public final class EthernetView {
  public static final int LENGTH = 14;
  public static final int TYPE_IPV4 = 0x0800;
  public static final int TYPE_ARP = 0x0806;
  public static final int TYPE_IPV6 = 0x86dd;
  public static final int TYPE_VLAN = 0x8100;
  public static final int TYPE_SERVICE_VLAN = 0x88a8;

  /** Shortest frame on a real wire, without the frame check sequence (IEEE 802.3). */
  public static final int MIN_FRAME = 60;

  private static final int DESTINATION = 0;
  private static final int SOURCE = 6;
  private static final int TYPE = 12;

  private ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
  private int at;

  /** Whether a header fits between {@code start} and {@code end}. */
  public boolean wrap(ByteBuffer buffer, int start, int end) {
    if (end - start < LENGTH) {
      return false;
    }
    bytes = buffer;
    at = start;
    return true;
  }

  public long destination() {
    return Mac.read(bytes, at + DESTINATION);
  }

  public long source() {
    return Mac.read(bytes, at + SOURCE);
  }

  /** EtherType, or below 0x600 an 802.3 length. */
  public int type() {
    return bytes.getShort(at + TYPE) & 0xffff;
  }

  public boolean isTagged() {
    return type() == TYPE_VLAN || type() == TYPE_SERVICE_VLAN;
  }

  public int payload() {
    return at + LENGTH;
  }

  /** Prepends a header to the frame. */
  public static void prepend(Frame frame, long destination, long source, int type) {
    int at = frame.prepend(LENGTH);
    Mac.write(frame.bytes(), at + DESTINATION, destination);
    Mac.write(frame.bytes(), at + SOURCE, source);
    frame.bytes().putShort(at + TYPE, (short) type);
  }
}
