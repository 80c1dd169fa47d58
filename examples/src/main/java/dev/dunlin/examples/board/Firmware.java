package dev.dunlin.examples.board;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the board's guest does on its network before anything else: it asks for an address (RFC
 * 2131) and pings its router (RFC 792). It knows frames and nothing of who carries them.
 */
public final class Firmware {
  private static final long MAC = 0x020000_c0ffeeL;
  private static final long BROADCAST = 0xffff_ffff_ffffL;
  private static final int IP = 14;
  private static final int ABOVE_IP = IP + 20;
  private static final int BOOTP = ABOVE_IP + 8;
  private static final int OPTIONS = BOOTP + 240;
  private static final int PATIENCE = 500;
  private static final int DISCOVER = 1;
  private static final int OFFER = 2;
  private static final int REQUEST = 3;
  private static final int ACK = 5;

  private int address;
  private int router;
  private int polls;
  private boolean answered;

  /** The address that was leased, 0 before. */
  public int address() {
    return address;
  }

  /** Whether the router answered. */
  public boolean hasNetwork() {
    return answered;
  }

  /** What the guest sends of its own accord; nothing when it waits. */
  public byte[] next() {
    // What was lost, or came before the cable, is asked again.
    boolean asks = address == 0 && polls++ % PATIENCE == 0;
    return asks ? dhcp(DISCOVER, 0, 0) : new byte[0];
  }

  /** Takes a frame; what the guest sends because of it, or nothing. */
  public byte[] receive(byte[] frame, int length) {
    ByteBuffer in = ByteBuffer.wrap(frame, 0, length);
    if (length >= OPTIONS && in.get(IP + 9) == 17 && in.getShort(ABOVE_IP + 2) == 68) {
      return dhcpAnswer(in);
    }
    if (length >= BOOTP && in.get(IP + 9) == 1 && in.get(ABOVE_IP) == 0) {
      answered |= in.getInt(IP + 12) == router && in.getInt(IP + 16) == address;
    }
    return new byte[0];
  }

  private byte[] dhcpAnswer(ByteBuffer in) {
    int yours = in.getInt(BOOTP + 16);
    int server = option(in, 54);
    switch (option(in, 53) >>> 24) {
      case OFFER -> {
        return dhcp(REQUEST, yours, server);
      }
      case ACK -> {
        address = yours;
        router = option(in, 3);
        return echo();
      }
      default -> {
        return new byte[0];
      }
    }
  }

  /** The first four bytes of an option, 0 when it isn't there. */
  private static int option(ByteBuffer in, int wanted) {
    for (int at = OPTIONS; at + 6 <= in.limit() && in.get(at) != -1; ) {
      if ((in.get(at) & 0xff) == wanted) {
        return in.getInt(at + 2);
      }
      at += in.get(at) == 0 ? 1 : 2 + (in.get(at + 1) & 0xff);
    }
    return 0;
  }

  private byte[] dhcp(int type, int wanted, int server) {
    ByteBuffer out = ByteBuffer.allocate(OPTIONS + 16);
    out.put(BOOTP, (byte) 1).put(BOOTP + 1, (byte) 1).put(BOOTP + 2, (byte) 6);
    out.putInt(BOOTP + 4, 0x600d_cafe).putShort(BOOTP + 10, (short) 0x8000);
    out.putShort(BOOTP + 28, (short) (MAC >>> 32)).putInt(BOOTP + 30, (int) MAC);
    out.putInt(BOOTP + 236, 0x6382_5363);
    out.position(OPTIONS).put(new byte[] {53, 1, (byte) type});
    if (wanted != 0) {
      out.put(new byte[] {50, 4}).putInt(wanted).put(new byte[] {54, 4}).putInt(server);
    }
    out.put((byte) 255);
    out.putShort(ABOVE_IP, (short) 68).putShort(ABOVE_IP + 2, (short) 67);
    out.putShort(ABOVE_IP + 4, (short) (out.capacity() - ABOVE_IP));
    return ip(out, 17, 0, -1);
  }

  private byte[] echo() {
    byte[] text = "is there anybody?".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(BOOTP + text.length);
    out.put(ABOVE_IP, (byte) 8).put(BOOTP, text);
    out.putShort(ABOVE_IP + 2, checksum(out, ABOVE_IP, out.capacity()));
    return ip(out, 1, address, router);
  }

  private static byte[] ip(ByteBuffer out, int protocol, int from, int to) {
    // The router's Ethernet address is made of its IP address, here as in QEMU.
    long receiver = to == -1 ? BROADCAST : 0x5255_0000_0000L | (to & 0xffff_ffffL);
    out.putShort(0, (short) (receiver >>> 32)).putInt(2, (int) receiver);
    out.putShort(6, (short) (MAC >>> 32)).putInt(8, (int) MAC).putShort(12, (short) 0x0800);
    out.put(IP, (byte) 0x45).putShort(IP + 2, (short) (out.capacity() - IP));
    out.put(IP + 8, (byte) 64).put(IP + 9, (byte) protocol);
    out.putInt(IP + 12, from).putInt(IP + 16, to);
    out.putShort(IP + 10, checksum(out, IP, ABOVE_IP));
    return out.array();
  }

  private static short checksum(ByteBuffer bytes, int from, int to) {
    int sum = 0;
    for (int at = from; at < to; at += 2) {
      sum += at + 1 < to ? bytes.getShort(at) & 0xffff : (bytes.get(at) & 0xff) << 8;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return (short) ~(sum + (sum >>> 16));
  }
}
