package dev.dunlin.core.posix;

import java.nio.ByteBuffer;

/**
 * What the network said about what a socket sent (IP_RECVERR in ip(7)): one error at a time, until
 * there is none. One for all sockets of a loop; makes no objects.
 */
public final class ErrorQueue {
  private static final int MSG_ERRQUEUE = 0x2000;
  private static final int CONTROL_BYTES = 256;
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IP_RECVERR = 11;
  private static final int IPV6_RECVERR = 25;

  // struct sock_extended_err of linux/errqueue.h; the offender's sockaddr lies behind it.
  private static final int ORIGIN = 4;
  private static final int TYPE = 5;
  private static final int CODE = 6;
  private static final int INFO = 8;
  private static final int OFFENDER = 16;
  private static final int ORIGIN_ICMP = 2;
  private static final int ORIGIN_ICMP6 = 3;

  private final ByteBuffer message = NativeBytes.allocate(MessageHeader.BYTES);
  private final ByteBuffer control = NativeBytes.allocate(CONTROL_BYTES);
  private final ByteBuffer vector = NativeBytes.allocate(MessageHeader.VECTOR);
  private int at;

  public ErrorQueue() {
    // The payload that caused it isn't wanted: a vector of nothing.
    MessageHeader.setVectors(message, 0, NativeBytes.address(vector), 1);
  }

  /** Takes the next error; false when there is none. */
  public boolean next(DirectSocket socket) {
    while (true) {
      MessageHeader.setControl(message, 0, NativeBytes.address(control), CONTROL_BYTES);
      if (socket.receiveMessage(message, MSG_ERRQUEUE) < 0) {
        return false;
      }
      int length = Math.min(MessageHeader.controlLength(message, 0), CONTROL_BYTES);
      at = MessageHeader.findControl(control, 0, length, IPPROTO_IP, IP_RECVERR);
      if (at < 0) {
        at = MessageHeader.findControl(control, 0, length, IPPROTO_IPV6, IPV6_RECVERR);
      }
      if (at >= 0) {
        return true;
      }
    }
  }

  public int errno() {
    return control.getInt(at);
  }

  /** Whether it is an ICMP message of IPv4: {@link #type} and {@link #code} are its. */
  public boolean isIcmp() {
    return control.get(at + ORIGIN) == ORIGIN_ICMP;
  }

  /** Whether some router or host said it, and not this host's own kernel. */
  public boolean isFromNetwork() {
    return isIcmp() || control.get(at + ORIGIN) == ORIGIN_ICMP6;
  }

  public int type() {
    return control.get(at + TYPE) & 0xff;
  }

  public int code() {
    return control.get(at + CODE) & 0xff;
  }

  /** With EMSGSIZE: the longest packet that passes. */
  public int mtu() {
    return control.getInt(at + INFO);
  }

  /** Who said it; holds no address when that isn't known. */
  public InetName offender() {
    return new InetName(control, at + OFFENDER);
  }
}
