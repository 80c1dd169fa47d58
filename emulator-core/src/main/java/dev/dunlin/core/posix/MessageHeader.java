package dev.dunlin.core.posix;

import java.nio.ByteBuffer;

/** struct msghdr and its control messages as 64-bit Linux lays them out (recvmsg(2), cmsg(3)). */
final class MessageHeader {
  static final int BYTES = 56;

  /** struct mmsghdr: a msghdr, the length received, padding. */
  static final int MANY_BYTES = 64;

  /** struct iovec. */
  static final int VECTOR = 16;

  static final int CONTROL_HEADER = 16;

  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int VECTORS = 16;
  private static final int VECTOR_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int RECEIVED = 56;
  private static final int CONTROL_LEVEL = 8;
  private static final int CONTROL_TYPE = 12;

  private MessageHeader() {}

  static void setName(ByteBuffer bytes, int at, long address, int length) {
    bytes.putLong(at + NAME, address).putInt(at + NAME_LENGTH, length);
  }

  static void setVectors(ByteBuffer bytes, int at, long address, int count) {
    bytes.putLong(at + VECTORS, address).putLong(at + VECTOR_COUNT, count);
  }

  static void setControl(ByteBuffer bytes, int at, long address, int length) {
    bytes.putLong(at + CONTROL, address).putLong(at + CONTROL_LENGTH, length);
  }

  static int controlLength(ByteBuffer bytes, int at) {
    return (int) bytes.getLong(at + CONTROL_LENGTH);
  }

  /** Of a mmsghdr: bytes of its datagram. */
  static int received(ByteBuffer bytes, int at) {
    return bytes.getInt(at + RECEIVED);
  }

  /** Index of the data of the first control message of this kind, or -1: none came. */
  static int findControl(ByteBuffer control, int start, int length, int level, int type) {
    int at = start;
    int end = start + length;
    while (at + CONTROL_HEADER <= end) {
      long size = control.getLong(at);
      if (size < CONTROL_HEADER || at + size > end) {
        return -1;
      }
      if (control.getInt(at + CONTROL_LEVEL) == level
          && control.getInt(at + CONTROL_TYPE) == type) {
        return at + CONTROL_HEADER;
      }
      at += ((int) size + 7) & ~7;
    }
    return -1;
  }
}
