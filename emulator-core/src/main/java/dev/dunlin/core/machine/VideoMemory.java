package dev.dunlin.core.machine;

import java.util.OptionalLong;

/**
 * A video card's memory, which is all that Dunlin has of the card.
 *
 * @param idstr the block's name: {@code vga.vram} or {@code 0000:00:02.0/vga.vram}
 * @param address where it appears before firmware runs; a PCI card's appears nowhere
 * @param legacyWindow whether the card takes 0xa0000-0xbffff away from RAM
 */
public record VideoMemory(String idstr, long length, OptionalLong address, boolean legacyWindow) {
  static final String PLAIN_NAME = "vga.vram";
  static final int DEFAULT_MIB = 16;

  private static final long MIB = 1L << 20;
  private static final int MIN_MIB = 1;
  private static final int MAX_MIB = 512;

  /** hw/display/vga-isa.c: VBE's frame buffer. */
  private static final long ISA_ADDRESS = 0xe0000000L;

  /** A card whose memory appears only when firmware or a driver says where. */
  static VideoMemory pci(String idstr, long mib) {
    return new VideoMemory(idstr, size(mib), OptionalLong.empty(), true);
  }

  static VideoMemory isa(long mib) {
    return new VideoMemory(PLAIN_NAME, size(mib), OptionalLong.of(ISA_ADDRESS), true);
  }

  /** A card without VGA compatibility. */
  static VideoMemory secondary(String idstr, long mib) {
    return new VideoMemory(idstr, size(mib), OptionalLong.empty(), false);
  }

  /** Between 1 and 512 MiB and a power of two (vga_common_init in hw/display/vga.c). */
  private static long size(long mib) {
    long clamped = Math.max(MIN_MIB, Math.min(MAX_MIB, mib));
    return Long.highestOneBit(clamped * 2 - 1) * MIB;
  }
}
