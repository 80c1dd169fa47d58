package dev.dunlin.migration.ram;

/** The low twelve bits of a RAM record's first word (QEMU migration/ram.c, RAM_SAVE_FLAG_*). */
final class RamFlags {
  static final int FULL = 0x01;
  static final int ZERO = 0x02;
  static final int MEM_SIZE = 0x04;
  static final int PAGE = 0x08;
  static final int EOS = 0x10;
  static final int CONTINUE = 0x20;
  static final int XBZRLE = 0x40;
  static final int HOOK = 0x80;
  static final int COMPRESS_PAGE = 0x100;

  /** All kinds of page; these records begin with a block, the others don't. */
  static final int PAGES = ZERO | PAGE | XBZRLE | COMPRESS_PAGE;

  /** Opens the content of an XBZRLE record; no other encoding exists. */
  static final int ENCODING_XBZRLE = 0x01;

  static final int MASK = 0xfff;

  private RamFlags() {}
}
