package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.StreamInput;

/** The whole numbers of a description: QEMU's name, width on the wire, range (big-endian). */
public enum IntType {
  /** One byte, 0 or 1; any other byte is read as 1. */
  BOOL("bool", 1, false),
  UINT8("uint8", 1, false),
  UINT16("uint16", 2, false),
  UINT32("uint32", 4, false),
  UINT64("uint64", 8, false),
  INT8("int8", 1, true),
  INT16("int16", 2, true),
  INT32("int32", 4, true),
  INT64("int64", 8, true),
  /** A timer's expiry in nanoseconds of the virtual clock; -1 when it isn't armed. */
  TIMER("timer", 8, true);

  private final String qemuName;
  private final int bytes;
  private final boolean signed;

  IntType(String qemuName, int bytes, boolean signed) {
    this.qemuName = qemuName;
    this.bytes = bytes;
    this.signed = signed;
  }

  public String qemuName() {
    return qemuName;
  }

  /** Width on the wire. */
  public int bytes() {
    return bytes;
  }

  /**
   * Whether the value survives: as itself, or as the negative number that a Java field of the same
   * width holds for it.
   */
  boolean fits(long value) {
    if (this == BOOL) {
      return value == 0 || value == 1;
    }
    if (bytes == 8) {
      return true;
    }
    long top = 1L << (8 * bytes - 1);
    return value >= -top && value < (signed ? top : 2 * top);
  }

  /** What was read as the number that it means; of 64 bits without a sign, as Java's long. */
  long read(StreamInput in) {
    return switch (bytes) {
      case 1 -> this == BOOL ? (in.getByte() != 0 ? 1 : 0) : signed(in.getByte());
      case 2 -> signed(in.getByte() << 8 | in.getByte());
      case 4 -> signed(in.getInt() & 0xffffffffL);
      default -> in.getLong();
    };
  }

  private long signed(long bits) {
    int unused = 64 - 8 * bytes;
    return signed ? bits << unused >> unused : bits;
  }
}
