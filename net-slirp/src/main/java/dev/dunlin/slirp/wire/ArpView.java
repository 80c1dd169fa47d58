package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.Mac;
import java.nio.ByteBuffer;

/** ARP for IPv4 over Ethernet (RFC 826); any other combination isn't wrapped. */
public final class ArpView {
  public static final int LENGTH = 28;
  public static final int REQUEST = 1;
  public static final int REPLY = 2;

  private static final int HARDWARE = 0;
  private static final int PROTOCOL = 2;
  private static final int HARDWARE_LENGTH = 4;
  private static final int PROTOCOL_LENGTH = 5;
  private static final int OPERATION = 6;
  private static final int SENDER_MAC = 8;
  private static final int SENDER_IP = 14;
  private static final int TARGET_MAC = 18;
  private static final int TARGET_IP = 24;

  private ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
  private int at;

  /** Whether a whole Ethernet/IPv4 ARP packet lies between {@code start} and {@code end}. */
  public boolean wrap(ByteBuffer buffer, int start, int end) {
    if (end - start < LENGTH
        || buffer.getShort(start + HARDWARE) != 1
        || (buffer.getShort(start + PROTOCOL) & 0xffff) != EthernetView.TYPE_IPV4
        || buffer.get(start + HARDWARE_LENGTH) != Mac.LENGTH
        || buffer.get(start + PROTOCOL_LENGTH) != 4) {
      return false;
    }
    bytes = buffer;
    at = start;
    return true;
  }

  public int operation() {
    return bytes.getShort(at + OPERATION) & 0xffff;
  }

  public long senderMac() {
    return Mac.read(bytes, at + SENDER_MAC);
  }

  public int senderIp() {
    return bytes.getInt(at + SENDER_IP);
  }

  public long targetMac() {
    return Mac.read(bytes, at + TARGET_MAC);
  }

  public int targetIp() {
    return bytes.getInt(at + TARGET_IP);
  }

  /** Appends a packet to an empty frame. */
  public static void append(
      Frame frame, int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
    int at = frame.append(LENGTH);
    ByteBuffer bytes = frame.bytes();
    bytes.putShort(at + HARDWARE, (short) 1);
    bytes.putShort(at + PROTOCOL, (short) EthernetView.TYPE_IPV4);
    bytes.put(at + HARDWARE_LENGTH, (byte) Mac.LENGTH);
    bytes.put(at + PROTOCOL_LENGTH, (byte) 4);
    bytes.putShort(at + OPERATION, (short) operation);
    Mac.write(bytes, at + SENDER_MAC, senderMac);
    bytes.putInt(at + SENDER_IP, senderIp);
    Mac.write(bytes, at + TARGET_MAC, targetMac);
    bytes.putInt(at + TARGET_IP, targetIp);
  }
}
