package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Mac;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * A BOOTP message (RFC 951) and, when it carries the magic cookie, its DHCP options (RFC 2131,
 * 2132), wherever overloading put them. A value: it outlives the frame it came in.
 */
public final class DhcpMessage {
  public static final int DISCOVER = 1;
  public static final int OFFER = 2;
  public static final int REQUEST = 3;
  public static final int DECLINE = 4;
  public static final int ACK = 5;
  public static final int NAK = 6;
  public static final int RELEASE = 7;
  public static final int INFORM = 8;

  public static final int BOOT_REQUEST = 1;
  public static final int BOOT_REPLY = 2;
  public static final int FLAG_BROADCAST = 0x8000;

  /** RFC 951 fixed a message at 300 bytes; old clients and relays drop shorter ones. */
  public static final int MIN_LENGTH = 300;

  private static final int OP = 0;
  private static final int HTYPE = 1;
  private static final int HLEN = 2;
  private static final int HOPS = 3;
  private static final int XID = 4;
  private static final int SECS = 8;
  private static final int FLAGS = 10;
  private static final int CIADDR = 12;
  private static final int YIADDR = 16;
  private static final int SIADDR = 20;
  private static final int GIADDR = 24;
  private static final int CHADDR = 28;
  private static final int SNAME = 44;
  private static final int FILE = 108;
  private static final int VEND = 236;
  private static final int OPTIONS = 240;

  private static final int CHADDR_LENGTH = 16;
  private static final int SNAME_LENGTH = 64;
  private static final int FILE_LENGTH = 128;
  private static final int COOKIE = 0x63825363;
  private static final int OVERLOAD_FILE = 1;
  private static final int OVERLOAD_SNAME = 2;

  public int op;
  public int hardwareType = 1;
  public int hardwareLength = Mac.LENGTH;
  public int hops;
  public int xid;
  public int secs;
  public int flags;
  public int clientAddress;
  public int yourAddress;
  public int serverAddress;
  public int relayAddress;
  public byte[] hardwareAddress = new byte[CHADDR_LENGTH];
  public byte[] serverName = new byte[0];
  public byte[] bootFile = new byte[0];

  /** Whether the magic cookie was there; without it this is plain BOOTP. */
  public boolean cookie = true;

  public final DhcpOptions options = new DhcpOptions();

  /**
   * Reads a message from {@code start} to {@code end}. Empty when the fixed part is cut short or
   * the hardware address is longer than its field.
   */
  public static Optional<DhcpMessage> parse(ByteBuffer bytes, int start, int end) {
    if (end - start < VEND || (bytes.get(start + HLEN) & 0xff) > CHADDR_LENGTH) {
      return Optional.empty();
    }
    DhcpMessage message = new DhcpMessage();
    message.op = bytes.get(start + OP) & 0xff;
    message.hardwareType = bytes.get(start + HTYPE) & 0xff;
    message.hardwareLength = bytes.get(start + HLEN) & 0xff;
    message.hops = bytes.get(start + HOPS) & 0xff;
    message.xid = bytes.getInt(start + XID);
    message.secs = bytes.getShort(start + SECS) & 0xffff;
    message.flags = bytes.getShort(start + FLAGS) & 0xffff;
    message.clientAddress = bytes.getInt(start + CIADDR);
    message.yourAddress = bytes.getInt(start + YIADDR);
    message.serverAddress = bytes.getInt(start + SIADDR);
    message.relayAddress = bytes.getInt(start + GIADDR);
    bytes.get(start + CHADDR, message.hardwareAddress);
    message.cookie = end - start >= OPTIONS && bytes.getInt(start + VEND) == COOKIE;
    message.parseOptions(bytes, start, end);
    return Optional.of(message);
  }

  /** RFC 2131 section 4.1: the option field first, then {@code file}, then {@code sname}. */
  private void parseOptions(ByteBuffer bytes, int start, int end) {
    if (cookie) {
      options.parse(bytes, start + OPTIONS, end);
    }
    int overload = options.octet(DhcpOption.OVERLOAD).orElse(0);
    if ((overload & OVERLOAD_FILE) != 0) {
      options.parse(bytes, start + FILE, start + FILE + FILE_LENGTH);
    } else {
      bootFile = text(bytes, start + FILE, FILE_LENGTH);
    }
    if ((overload & OVERLOAD_SNAME) != 0) {
      options.parse(bytes, start + SNAME, start + SNAME + SNAME_LENGTH);
    } else {
      serverName = text(bytes, start + SNAME, SNAME_LENGTH);
    }
  }

  /** A NUL-terminated field; one without a NUL is taken whole. */
  private static byte[] text(ByteBuffer bytes, int at, int length) {
    byte[] field = new byte[length];
    bytes.get(at, field);
    int end = 0;
    while (end < length && field[end] != 0) {
      end++;
    }
    return Arrays.copyOf(field, end);
  }

  /** DHCP message type, or 0 for plain BOOTP. */
  public int type() {
    return options.octet(DhcpOption.MESSAGE_TYPE).orElse(0);
  }

  /** The client's Ethernet address; meaningful when {@link #isEthernet}. */
  public long mac() {
    return Mac.read(ByteBuffer.wrap(hardwareAddress), 0);
  }

  public boolean isEthernet() {
    return hardwareType == 1 && hardwareLength == Mac.LENGTH;
  }

  public boolean wantsBroadcast() {
    return (flags & FLAG_BROADCAST) != 0;
  }

  public void setServerName(String name) {
    serverName = name.getBytes(StandardCharsets.UTF_8);
  }

  public void setBootFile(String name) {
    bootFile = name.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The message as a UDP payload of {@link #MIN_LENGTH} to {@code limit} bytes. Options that don't
   * fit the option field go into {@code file} and {@code sname} when those are free (option 52);
   * what still doesn't fit is left out, the last put first.
   */
  public byte[] emit(int limit) {
    ByteBuffer out = ByteBuffer.allocate(Math.max(limit, MIN_LENGTH));
    out.put(OP, (byte) op);
    out.put(HTYPE, (byte) hardwareType);
    out.put(HLEN, (byte) hardwareLength);
    out.put(HOPS, (byte) hops);
    out.putInt(XID, xid);
    out.putShort(SECS, (short) secs);
    out.putShort(FLAGS, (short) flags);
    out.putInt(CIADDR, clientAddress);
    out.putInt(YIADDR, yourAddress);
    out.putInt(SIADDR, serverAddress);
    out.putInt(GIADDR, relayAddress);
    out.put(CHADDR, hardwareAddress, 0, CHADDR_LENGTH);
    // The field keeps its last byte for the NUL.
    out.put(SNAME, serverName, 0, Math.min(serverName.length, SNAME_LENGTH - 1));
    out.put(FILE, bootFile, 0, Math.min(bootFile.length, FILE_LENGTH - 1));
    int end = OPTIONS;
    if (cookie) {
      out.putInt(VEND, COOKIE);
      end = emitOptions(out);
    }
    return Arrays.copyOf(out.array(), Math.max(end, MIN_LENGTH));
  }

  private int emitOptions(ByteBuffer out) {
    Map<Integer, byte[]> encoded = options.encoded();
    encoded.remove(DhcpOption.OVERLOAD);
    int total = encoded.values().stream().mapToInt(piece -> piece.length).sum();
    Area main = new Area(OPTIONS, out.capacity() - 1);
    if (total <= main.room()) {
      encoded.values().forEach(piece -> main.put(out, piece));
      return main.end(out);
    }
    main.limit -= 3; // room to say that there is more elsewhere
    Area file = new Area(FILE, bootFile.length == 0 ? FILE + FILE_LENGTH - 1 : FILE);
    Area sname = new Area(SNAME, serverName.length == 0 ? SNAME + SNAME_LENGTH - 1 : SNAME);
    encoded.values().forEach(piece -> putAnywhere(out, piece, main, file, sname));
    int overload = (file.used() ? OVERLOAD_FILE : 0) | (sname.used() ? OVERLOAD_SNAME : 0);
    main.limit += 3;
    if (overload != 0) {
      file.endIfUsed(out);
      sname.endIfUsed(out);
      main.put(out, new byte[] {(byte) DhcpOption.OVERLOAD, 1, (byte) overload});
    }
    return main.end(out);
  }

  /** Puts the option into the first area with room for it; without one it is left out. */
  private static void putAnywhere(ByteBuffer out, byte[] piece, Area... areas) {
    for (Area area : areas) {
      if (area.put(out, piece)) {
        return;
      }
    }
  }

  /**
   * One of the three places where options may stand; the byte after its limit is for the marker.
   */
  private static final class Area {
    private final int start;
    private int at;
    private int limit;

    Area(int start, int limit) {
      this.start = start;
      this.at = start;
      this.limit = limit;
    }

    int room() {
      return limit - at;
    }

    boolean used() {
      return at > start;
    }

    boolean put(ByteBuffer out, byte[] piece) {
      if (piece.length > room()) {
        return false;
      }
      out.put(at, piece);
      at += piece.length;
      return true;
    }

    int end(ByteBuffer out) {
      out.put(at, (byte) DhcpOption.END);
      return at + 1;
    }

    void endIfUsed(ByteBuffer out) {
      if (used()) {
        end(out);
      }
    }
  }
}
