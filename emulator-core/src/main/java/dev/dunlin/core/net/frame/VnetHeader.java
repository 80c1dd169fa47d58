package dev.dunlin.core.net.frame;

import java.nio.ByteBuffer;

/**
 * The {@code virtio_net_hdr} before each frame on a link with {@code vnet_hdr=on} (virtio 1.2
 * section 5.1.6; Linux's include/uapi/linux/virtio_net.h), to and from a frame's offload metadata.
 * Numbers are little-endian, as on every host this is tested on and as TUNSETVNETLE asks elsewhere.
 */
public final class VnetHeader {
  /** Without {@code num_buffers}, as a TAP has it unless told otherwise. */
  public static final int LENGTH = 10;

  private static final int FLAGS = 0;
  private static final int GSO_TYPE = 1;
  private static final int HEADER_LENGTH = 2;
  private static final int GSO_SIZE = 4;
  private static final int CHECKSUM_START = 6;
  private static final int CHECKSUM_OFFSET = 8;

  private static final int FLAG_NEEDS_CHECKSUM = 1;
  private static final int FLAG_DATA_VALID = 2;
  private static final int GSO_NONE = 0;
  private static final int GSO_TCP_V4 = 1;
  private static final int GSO_TCP_V6 = 4;
  private static final int GSO_UDP_L4 = 5;
  private static final int GSO_ECN = 0x80;

  private VnetHeader() {}

  /**
   * Takes the header off the front of a frame just read and keeps what it says. No, and the frame
   * is to be dropped, when it is cut short or speaks of places outside the frame or of an offload
   * that was never negotiated.
   */
  public static boolean strip(Frame frame) {
    if (frame.length() < LENGTH) {
      return false;
    }
    ByteBuffer bytes = frame.bytes();
    int at = frame.start();
    int flags = bytes.get(at + FLAGS);
    int type = bytes.get(at + GSO_TYPE) & 0xff & ~GSO_ECN;
    int headers = word(bytes, at + HEADER_LENGTH);
    int size = word(bytes, at + GSO_SIZE);
    int start = word(bytes, at + CHECKSUM_START);
    int offset = word(bytes, at + CHECKSUM_OFFSET);
    frame.clearOffload();
    frame.setBounds(at + LENGTH, frame.end());
    if ((flags & FLAG_NEEDS_CHECKSUM) != 0) {
      if (start < EthernetView.LENGTH || start + offset + 2 > frame.length()) {
        return false;
      }
      frame.needChecksum(frame.start() + start, offset);
    } else if ((flags & FLAG_DATA_VALID) != 0) {
      frame.setChecksumValid();
    }
    return stripGso(frame, type, size, headers);
  }

  private static boolean stripGso(Frame frame, int type, int size, int headers) {
    if (type == GSO_NONE) {
      return true;
    }
    // A header length of zero or nonsense is allowed to be a mere hint: the layers know their own.
    boolean sane = size > 0 && frame.checksumNeeded();
    switch (type) {
      case GSO_TCP_V4 -> frame.setGso(Frame.Gso.TCP_V4, size, Math.min(headers, frame.length()));
      case GSO_TCP_V6 -> frame.setGso(Frame.Gso.TCP_V6, size, Math.min(headers, frame.length()));
      default -> {
        return false;
      }
    }
    return sane;
  }

  /** Puts a header that says what the frame's metadata says before the frame. */
  public static void prepend(Frame frame) {
    int start = frame.checksumStart() - frame.start();
    int headers = frame.headerLength();
    Frame.Gso gso = frame.gso();
    int at = frame.prepend(LENGTH);
    ByteBuffer bytes = frame.bytes();
    bytes.put(at + FLAGS, (byte) flagsOf(frame));
    bytes.put(at + GSO_TYPE, (byte) typeOf(gso));
    boolean offloaded = gso != Frame.Gso.NONE;
    putWord(bytes, at + HEADER_LENGTH, offloaded ? headers : 0);
    putWord(bytes, at + GSO_SIZE, offloaded ? frame.gsoSize() : 0);
    putWord(bytes, at + CHECKSUM_START, frame.checksumNeeded() ? start : 0);
    putWord(bytes, at + CHECKSUM_OFFSET, frame.checksumNeeded() ? frame.checksumOffset() : 0);
  }

  private static int flagsOf(Frame frame) {
    if (frame.checksumNeeded()) {
      return FLAG_NEEDS_CHECKSUM;
    }
    return frame.checksumTrusted() ? FLAG_DATA_VALID : 0;
  }

  private static int typeOf(Frame.Gso gso) {
    return switch (gso) {
      case NONE -> GSO_NONE;
      case TCP_V4 -> GSO_TCP_V4;
      case TCP_V6 -> GSO_TCP_V6;
      case UDP -> GSO_UDP_L4;
    };
  }

  private static int word(ByteBuffer bytes, int at) {
    return Short.reverseBytes(bytes.getShort(at)) & 0xffff;
  }

  private static void putWord(ByteBuffer bytes, int at, int value) {
    bytes.putShort(at, Short.reverseBytes((short) value));
  }
}
