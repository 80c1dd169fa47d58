package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;

/**
 * IPv6 fixed header and its chain of extension headers (RFC 8200). {@link #wrap} walks the chain
 * once; after a yes the upper protocol and its place are known. At most {@link #MAX_EXTENSIONS}
 * headers are walked: no honest packet has more, and a chain is the cheapest way to burn a
 * receiver's time.
 */
public final class Ipv6View {
  public static final int LENGTH = 40;
  public static final int MAX_EXTENSIONS = 8;

  private static final int VERSION = 0;
  private static final int PAYLOAD_LENGTH = 4;
  private static final int NEXT_HEADER = 6;
  private static final int HOP_LIMIT = 7;
  private static final int SOURCE = 8;
  private static final int DESTINATION = 24;

  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  public static final int NO_NEXT_HEADER = 59;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int FRAGMENT_LENGTH = 8;

  private ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
  private int at;
  private int protocol;
  private int payload;
  private int fragmentHeader;
  private DropReason problem = DropReason.IPV6_HEADER;

  /** Whether a whole packet with a walkable chain lies between {@code start} and {@code end}. */
  public boolean wrap(ByteBuffer buffer, int start, int end) {
    problem = DropReason.IPV6_HEADER;
    if (end - start < LENGTH || (buffer.get(start + VERSION) & 0xf0) != 0x60) {
      return false;
    }
    bytes = buffer;
    at = start;
    // A payload length of zero means a jumbogram (RFC 2675), which no link here carries.
    if ((payloadLength() == 0 && nextHeader() != NO_NEXT_HEADER)
        || payloadLength() > end - start - LENGTH) {
      return false;
    }
    problem = DropReason.IPV6_EXTENSION;
    return walk(start + LENGTH + payloadLength());
  }

  private boolean walk(int end) {
    protocol = nextHeader();
    payload = at + LENGTH;
    fragmentHeader = -1;
    for (int walked = 0; isExtension(protocol); walked++) {
      // Hop-by-hop options may only come first; a type 0 routing header is refused by RFC 5095.
      if (walked == MAX_EXTENSIONS
          || end - payload < 8
          || (protocol == HOP_BY_HOP && walked != 0)
          || (protocol == ROUTING && bytes.get(payload + 2) == 0)) {
        return false;
      }
      int length = extensionLength();
      if (length > end - payload) {
        return false;
      }
      if (protocol == FRAGMENT) {
        fragmentHeader = payload;
      }
      protocol = bytes.get(payload) & 0xff;
      payload += length;
      if (fragmentHeader >= 0 && fragmentOffset() != 0) {
        // What follows is a piece from the middle, not a header.
        return true;
      }
    }
    return true;
  }

  private int extensionLength() {
    int units = bytes.get(payload + 1) & 0xff;
    return switch (protocol) {
      case FRAGMENT -> FRAGMENT_LENGTH;
      case AUTHENTICATION -> (units + 2) << 2;
      default -> (units + 1) << 3;
    };
  }

  private static boolean isExtension(int header) {
    return header == HOP_BY_HOP
        || header == ROUTING
        || header == FRAGMENT
        || header == AUTHENTICATION
        || header == DESTINATION_OPTIONS;
  }

  /** What the last {@link #wrap} that said no stumbled over. */
  public DropReason problem() {
    return problem;
  }

  public int trafficClass() {
    return bytes.getShort(at + VERSION) >>> 4 & 0xff;
  }

  public int flowLabel() {
    return bytes.getInt(at + VERSION) & 0xfffff;
  }

  public int payloadLength() {
    return bytes.getShort(at + PAYLOAD_LENGTH) & 0xffff;
  }

  public int nextHeader() {
    return bytes.get(at + NEXT_HEADER) & 0xff;
  }

  public int hopLimit() {
    return bytes.get(at + HOP_LIMIT) & 0xff;
  }

  public IpAddr source() {
    return IpAddr.readV6(bytes, at + SOURCE);
  }

  public IpAddr destination() {
    return IpAddr.readV6(bytes, at + DESTINATION);
  }

  /** The protocol after the last extension header. */
  public int protocol() {
    return protocol;
  }

  /** Index of the upper protocol's header. */
  public int payload() {
    return payload;
  }

  /** Index after the packet's last byte. */
  public int end() {
    return at + LENGTH + payloadLength();
  }

  public boolean isFragment() {
    return fragmentHeader >= 0;
  }

  /** In bytes; zero when this is no fragment. */
  public int fragmentOffset() {
    return fragmentHeader < 0 ? 0 : bytes.getShort(fragmentHeader + 2) & 0xfff8;
  }

  public boolean moreFragments() {
    return fragmentHeader >= 0 && (bytes.getShort(fragmentHeader + 2) & 1) != 0;
  }

  public long fragmentId() {
    return fragmentHeader < 0 ? 0 : bytes.getInt(fragmentHeader + 4) & 0xffff_ffffL;
  }

  /** Prepends a header without extensions to the frame and marks it as the network header. */
  public static void prepend(
      Frame frame,
      int trafficClass,
      int hopLimit,
      int protocol,
      IpAddr source,
      IpAddr destination) {
    int length = frame.length();
    int at = frame.prepend(LENGTH);
    ByteBuffer bytes = frame.bytes();
    bytes.putInt(at + VERSION, 6 << 28 | trafficClass << 20);
    bytes.putShort(at + PAYLOAD_LENGTH, (short) length);
    bytes.put(at + NEXT_HEADER, (byte) protocol);
    bytes.put(at + HOP_LIMIT, (byte) hopLimit);
    bytes.putLong(at + SOURCE, source.hi());
    bytes.putLong(at + SOURCE + 8, source.lo());
    bytes.putLong(at + DESTINATION, destination.hi());
    bytes.putLong(at + DESTINATION + 8, destination.lo());
    frame.setNetwork(at);
  }
}
