package dev.dunlin.migration.stream;

/** The byte that opens each part of the stream (QEMU migration/savevm.h). */
public final class SectionType {
  public static final int EOF = 0x00;
  public static final int START = 0x01;
  public static final int PART = 0x02;
  public static final int END = 0x03;
  public static final int FULL = 0x04;
  public static final int SUBSECTION = 0x05;
  public static final int VM_DESCRIPTION = 0x06;
  public static final int CONFIGURATION = 0x07;
  public static final int COMMAND = 0x08;
  public static final int FOOTER = 0x7e;

  /** The command that brings all device state at once, with which postcopy starts the guest. */
  public static final int COMMAND_PACKAGED = 6;

  /** "QEVM". */
  public static final int MAGIC = 0x5145564d;

  public static final int VERSION = 3;
  public static final int VERSION_OBSOLETE = 2;

  private SectionType() {}
}
