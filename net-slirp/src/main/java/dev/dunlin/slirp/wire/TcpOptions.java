package dev.dunlin.slirp.wire;

import java.nio.ByteBuffer;

/**
 * TCP options: maximum segment size (RFC 9293 section 3.2), window scale and timestamps (RFC 7323),
 * selective acknowledgment (RFC 2018). Holds those of the last header parsed; reused by its owner.
 */
public final class TcpOptions {
  /** As many SACK blocks as fit forty bytes. */
  public static final int MOST_SACK_BLOCKS = 4;

  /** RFC 7323 section 2.3: a greater shift is taken for this one. */
  public static final int MAX_SHIFT = 14;

  /** Bytes that {@link #putTimestamps} writes. */
  public static final int TIMESTAMPS_LENGTH = 12;

  private static final int END = 0;
  private static final int NOP = 1;
  private static final int MSS = 2;
  private static final int WINDOW_SCALE = 3;
  private static final int SACK_PERMITTED = 4;
  private static final int SACK = 5;
  private static final int TIMESTAMPS = 8;

  /** NOP, NOP, timestamps, ten bytes: how every stack sends them (RFC 7323 appendix A). */
  private static final int TIMESTAMPS_WORD = 0x0101080a;

  private boolean hasMss;
  private int mss;
  private boolean hasScale;
  private int shift;
  private boolean sackPermitted;
  private boolean hasTimestamps;
  private int timestamp;
  private int timestampEcho;
  private final int[] sack = new int[2 * MOST_SACK_BLOCKS];
  private int sackBlocks;

  /** Reads the options of a header; no when a length is impossible (RFC 9293, MUST-7). */
  public boolean parse(TcpView tcp) {
    clear();
    ByteBuffer bytes = tcp.bytes();
    int at = tcp.options();
    int end = tcp.payload();
    if (end - at == TIMESTAMPS_LENGTH && bytes.getInt(at) == TIMESTAMPS_WORD) {
      hasTimestamps = true;
      timestamp = bytes.getInt(at + 4);
      timestampEcho = bytes.getInt(at + 8);
      return true;
    }
    while (at < end) {
      int kind = bytes.get(at) & 0xff;
      if (kind == END) {
        return true;
      }
      if (kind == NOP) {
        at++;
        continue;
      }
      int length = at + 1 < end ? bytes.get(at + 1) & 0xff : 0;
      if (length < 2 || at + length > end) {
        return false;
      }
      read(kind, bytes, at + 2, length - 2);
      at += length;
    }
    return true;
  }

  private void clear() {
    hasMss = false;
    hasScale = false;
    sackPermitted = false;
    hasTimestamps = false;
    sackBlocks = 0;
  }

  /** An option of a known kind but another length is ignored like an unknown one. */
  private void read(int kind, ByteBuffer bytes, int at, int length) {
    if (kind == MSS && length == 2) {
      hasMss = true;
      mss = bytes.getShort(at) & 0xffff;
    } else if (kind == WINDOW_SCALE && length == 1) {
      hasScale = true;
      shift = Math.min(MAX_SHIFT, bytes.get(at) & 0xff);
    } else if (kind == SACK_PERMITTED && length == 0) {
      sackPermitted = true;
    } else if (kind == TIMESTAMPS && length == 8) {
      hasTimestamps = true;
      timestamp = bytes.getInt(at);
      timestampEcho = bytes.getInt(at + 4);
    } else if (kind == SACK && length % 8 == 0) {
      sackBlocks = Math.min(MOST_SACK_BLOCKS, length / 8);
      for (int i = 0; i < 2 * sackBlocks; i++) {
        sack[i] = bytes.getInt(at + 4 * i);
      }
    }
  }

  public boolean hasMss() {
    return hasMss;
  }

  public int mss() {
    return mss;
  }

  public boolean hasScale() {
    return hasScale;
  }

  public int shift() {
    return shift;
  }

  public boolean sackPermitted() {
    return sackPermitted;
  }

  public boolean hasTimestamps() {
    return hasTimestamps;
  }

  /** TSval. */
  public int timestamp() {
    return timestamp;
  }

  /** TSecr. */
  public int timestampEcho() {
    return timestampEcho;
  }

  public int sackBlocks() {
    return sackBlocks;
  }

  /** First sequence number of a block. */
  public int sackLeft(int block) {
    return sack[2 * block];
  }

  /** The number after a block's last. */
  public int sackRight(int block) {
    return sack[2 * block + 1];
  }

  // ---- emit: each writes whole words and returns the index after them ----

  public static int putMss(ByteBuffer bytes, int at, int mss) {
    bytes.putInt(at, MSS << 24 | 4 << 16 | mss);
    return at + 4;
  }

  public static int putScale(ByteBuffer bytes, int at, int shift) {
    bytes.putInt(at, NOP << 24 | WINDOW_SCALE << 16 | 3 << 8 | shift);
    return at + 4;
  }

  public static int putSackPermitted(ByteBuffer bytes, int at) {
    bytes.putInt(at, NOP << 24 | NOP << 16 | SACK_PERMITTED << 8 | 2);
    return at + 4;
  }

  public static int putTimestamps(ByteBuffer bytes, int at, int timestamp, int echo) {
    bytes.putInt(at, TIMESTAMPS_WORD);
    bytes.putInt(at + 4, timestamp);
    bytes.putInt(at + 8, echo);
    return at + TIMESTAMPS_LENGTH;
  }

  /** The head of a SACK option; the blocks, two words each, follow it. */
  public static int putSackHead(ByteBuffer bytes, int at, int blocks) {
    bytes.putInt(at, NOP << 24 | NOP << 16 | SACK << 8 | (2 + 8 * blocks));
    return at + 4;
  }

  /** Length of a SACK option of so many blocks. */
  public static int sackLength(int blocks) {
    return blocks == 0 ? 0 : 4 + 8 * blocks;
  }
}
