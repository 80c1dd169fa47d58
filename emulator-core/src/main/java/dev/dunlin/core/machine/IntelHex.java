package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An Intel HEX file ("Hexadecimal Object File Format Specification", Intel 1988). One wrong record
 * and it isn't one: QEMU then loads the file as it is.
 */
final class IntelHex {
  private static final int DATA = 0;
  private static final int END = 1;
  private static final int SEGMENT_BASE = 2;
  private static final int SEGMENT_START = 3;
  private static final int LINEAR_BASE = 4;
  private static final int LINEAR_START = 5;

  /** Contiguous bytes. */
  record Chunk(long address, ByteBuffer bytes) {}

  private final ImmutableList.Builder<Chunk> chunks = ImmutableList.builder();
  private final ByteArrayOutputStream current = new ByteArrayOutputStream();
  private long currentStart;
  private long base;
  private boolean ended;

  private IntelHex() {}

  static Optional<ImmutableList<Chunk>> parse(String text) {
    IntelHex hex = new IntelHex();
    for (String line : text.split("\\r?\\n", -1)) {
      if (!line.isEmpty() && !hex.accept(line)) {
        return Optional.empty();
      }
    }
    hex.flush();
    return hex.ended ? Optional.of(hex.chunks.build()) : Optional.empty();
  }

  /** Length, address, type, data, checksum: together they sum to 0. */
  private boolean accept(String line) {
    byte[] record = bytesOf(line);
    if (ended || record.length < 5 || record.length != (record[0] & 0xff) + 5 || sum(record) != 0) {
      return false;
    }
    long offset = uint16(record, 1);
    int length = record[0] & 0xff;
    switch (record[3]) {
      case DATA -> append(base + offset, record, length);
      case END -> ended = true;
      case SEGMENT_BASE, LINEAR_BASE -> {
        if (length != 2) {
          return false;
        }
        base = uint16(record, 4) << (record[3] == LINEAR_BASE ? 16 : 4);
      }
      case SEGMENT_START, LINEAR_START -> {}
      default -> {
        return false;
      }
    }
    return true;
  }

  private void append(long address, byte[] record, int length) {
    if (address != currentStart + current.size()) {
      flush();
      currentStart = address;
    }
    current.write(record, 4, length);
  }

  private void flush() {
    if (current.size() > 0) {
      chunks.add(new Chunk(currentStart, ByteBuffer.wrap(current.toByteArray())));
      current.reset();
    }
  }

  private static byte[] bytesOf(String line) {
    try {
      return line.charAt(0) == ':' ? HexFormat.of().parseHex(line, 1, line.length()) : new byte[0];
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static long uint16(byte[] record, int at) {
    return Short.toUnsignedInt(ByteBuffer.wrap(record).getShort(at));
  }

  private static byte sum(byte[] record) {
    byte sum = 0;
    for (byte b : record) {
      sum += b;
    }
    return sum;
  }
}
