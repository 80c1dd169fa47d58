package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Range;
import com.google.common.collect.RangeMap;
import com.google.common.collect.TreeRangeMap;
import dev.dunlin.core.machine.MachineType.Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which blocks a machine has and where they appear: what QEMU 7.2 shows in {@code info ramblock}
 * and {@code info mtree -f} of a machine that was started with {@code -S}. Blocks that QEMU has
 * besides and that a stream need not list (cards' ROMs, {@code /rom@etc/...}) are left out.
 * Immutable; nothing is allocated.
 *
 * @param blocks in the order in which a stream declares them
 */
public record MachineLayout(ImmutableList<BlockSpec> blocks, ImmutableList<Mapping> mappings) {
  static final String BIOS = "pc.bios";
  static final String OPTION_ROMS = "pc.rom";
  static final long OPTION_ROM_START = 0xc0000;
  static final long OPTION_ROM_LENGTH = 0x20000;

  private static final long LEGACY_VIDEO = 0xa0000;
  private static final long ONE_MIB = 0x100000;
  private static final long FOUR_GIB = 1L << 32;

  /** How much of the BIOS is repeated below 1 MiB (hw/i386/x86.c: isa-bios). */
  private static final long ISA_BIOS_MAX = 128 << 10;

  /** {@code length} bytes of a block from {@code offset} appear at {@code address}. */
  public record Mapping(long address, long length, String idstr, long offset) {}

  /** The layout with a BIOS of this length (0 for a machine without). */
  public static MachineLayout of(MachineConfig config, long biosLength) {
    return new MachineLayout(blocksOf(config, biosLength), mappingsOf(config, biosLength));
  }

  private static ImmutableList<BlockSpec> blocksOf(MachineConfig config, long biosLength) {
    List<BlockSpec> blocks = new ArrayList<>();
    if (config.ramSize() > 0) {
      blocks.add(new BlockSpec(config.ramBlock(), config.ramSize(), false));
    }
    Family family = config.type().family();
    if (family.isPc()) {
      // isapc has no chipset to write-protect them (hw/i386/x86.c, pc.c).
      blocks.add(new BlockSpec(BIOS, biosLength, family.hasPci()));
      blocks.add(new BlockSpec(OPTION_ROMS, OPTION_ROM_LENGTH, family.hasPci()));
      config.video().forEach(card -> blocks.add(new BlockSpec(card.idstr(), card.length(), false)));
    }
    config.videoRom().ifPresent(rom -> blocks.add(rom));
    if (family != Family.PC_0_12) {
      // QEMU keeps its list this way since 1.x (softmmu/physmem.c: ram_block_add).
      blocks.sort(Comparator.comparingLong(BlockSpec::length).reversed());
    }
    return ImmutableList.copyOf(blocks);
  }

  private static ImmutableList<Mapping> mappingsOf(MachineConfig config, long biosLength) {
    Overlay overlay = new Overlay();
    long low = config.type().ramBelow4g(config.ramSize(), config.maxRamBelow4g());
    overlay.put(0, low, config.ramBlock(), 0);
    if (config.type().family().isPc()) {
      overlay.put(FOUR_GIB, config.ramSize() - low, config.ramBlock(), low);
      for (VideoMemory card : config.video()) {
        card.address().ifPresent(at -> overlay.put(at, card.length(), card.idstr(), 0));
        if (card.legacyWindow()) {
          overlay.clear(LEGACY_VIDEO, OPTION_ROM_START);
        }
      }
      overlay.put(OPTION_ROM_START, OPTION_ROM_LENGTH, OPTION_ROMS, 0);
      long repeated = Math.min(biosLength, ISA_BIOS_MAX);
      overlay.put(ONE_MIB - repeated, repeated, BIOS, biosLength - repeated);
      overlay.put(FOUR_GIB - biosLength, biosLength, BIOS, 0);
    }
    return overlay.mappings();
  }

  /** The block of that name. */
  Optional<BlockSpec> block(String idstr) {
    return blocks.stream().filter(block -> block.idstr().equals(idstr)).findFirst();
  }

  /** Later pieces hide earlier ones, as QEMU's regions of higher priority do. */
  private static final class Overlay {
    private record Piece(String idstr, long base) {}

    private final RangeMap<Long, Piece> pieces = TreeRangeMap.create();

    void put(long address, long length, String idstr, long offset) {
      if (length > 0) {
        pieces.put(Range.closedOpen(address, address + length), new Piece(idstr, address - offset));
      }
    }

    void clear(long from, long end) {
      pieces.remove(Range.closedOpen(from, end));
    }

    ImmutableList<Mapping> mappings() {
      ImmutableList.Builder<Mapping> mappings = ImmutableList.builder();
      for (Map.Entry<Range<Long>, Piece> entry : pieces.asMapOfRanges().entrySet()) {
        long start = entry.getKey().lowerEndpoint();
        long length = entry.getKey().upperEndpoint() - start;
        Piece piece = entry.getValue();
        mappings.add(new Mapping(start, length, piece.idstr(), start - piece.base()));
      }
      return mappings.build();
    }
  }
}
