package dev.dunlin.migration.relay;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Range;
import com.google.common.collect.RangeMap;
import com.google.common.collect.TreeRangeMap;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.machine.MachineConfig;
import dev.dunlin.core.machine.MachineLayout;
import dev.dunlin.core.machine.MachineType;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a held guest's blocks appear in its physical address space, as far as that can be known: a
 * PC's layout follows from its type and its RAM's size, and what the guest moves (the video card's
 * memory, the shadow of the BIOS in RAM) stands in the devices' state. What isn't known isn't
 * mapped. Of a machine of another kind only the first block is, at 0.
 */
final class HeldMap {
  private static final String RAM = "pc.ram";
  private static final String BIOS = "pc.bios";
  private static final String VIDEO = "/vga.vram";
  private static final long VGA_WINDOW = 0xa0000;
  private static final long SHADOW_START = 0xc0000;
  private static final long SHADOW_END = 0x100000;

  /** Segments of 16 KiB with two attributes each; the last 64 KiB are one. */
  private static final long SHADOW_SEGMENT = 0x4000;

  private static final long SHADOW_LAST = 0xf0000;

  /** It ends at 4 GiB, so a larger one has no place. */
  private static final long MAX_BIOS = 1L << 32;

  private final HeldGuest guest;
  private final List<RamBlock> blocks;
  private final RangeMap<Long, Piece> pieces = TreeRangeMap.create();

  /** {@code base}: where the block's first byte would be. */
  private record Piece(RamBlock block, long base) {}

  private HeldMap(HeldGuest guest, List<RamBlock> blocks) {
    this.guest = guest;
    this.blocks = blocks;
  }

  static PhysicalMap of(HeldGuest guest, List<RamBlock> blocks) {
    HeldMap map = new HeldMap(guest, blocks);
    if (!blocks.isEmpty()) {
      map.putMachine();
    }
    return map.build();
  }

  private void putMachine() {
    Optional<MachineType> type = typeOf(guest.machineType());
    if (type.isEmpty()) {
      put(0, blocks.get(0).length(), blocks.get(0), 0);
      return;
    }
    RamBlock ram = find(RAM).orElse(blocks.get(0));
    putLayout(type.get(), ram);
    putShadow("0000:00:00.0/I440FX", 0x59, ram);
    putShadow("0000:00:00.0/mch", 0x90, ram);
    blocks.forEach(this::putVideo);
  }

  /** Newer versions than this program knows have the layout of the newest that it does. */
  private static Optional<MachineType> typeOf(String name) {
    Optional<MachineType> known = MachineType.find(name);
    if (known.isPresent()) {
      return known;
    }
    if (name.startsWith("pc-q35-")) {
      return MachineType.find("q35");
    }
    return name.startsWith("pc-i440fx-") ? MachineType.find("pc") : Optional.empty();
  }

  private void putLayout(MachineType type, RamBlock ram) {
    long bios = find(BIOS).map(RamBlock::length).filter(l -> l <= MAX_BIOS).orElse(0L);
    MachineConfig config;
    try {
      config =
          MachineConfig.builder(type.name())
              .ramSize(ram.length())
              .ramBlock(ram.idstr())
              .withoutVideo()
              .build();
    } catch (OptionException e) {
      throw new IllegalStateException(e);
    }
    for (MachineLayout.Mapping mapping : MachineLayout.of(config, bios).mappings()) {
      find(mapping.idstr())
          .filter(block -> mapping.offset() + mapping.length() <= block.length())
          .ifPresent(block -> put(mapping.address(), mapping.length(), block, mapping.offset()));
    }
  }

  /**
   * The chipset's programmable attribute map (QEMU hw/pci-host/pam.c): where reading is enabled,
   * RAM answers in place of ROM. The first register's upper half is for the last 64 KiB.
   */
  private void putShadow(String chipset, int firstRegister, RamBlock ram) {
    Optional<PciConfig> config = PciConfig.of(guest.devices(), chipset);
    if (config.isEmpty() || ram.length() < SHADOW_END) {
      return;
    }
    if ((config.get().byteAt(firstRegister) >> 4 & 1) != 0) {
      put(SHADOW_LAST, SHADOW_END - SHADOW_LAST, ram, SHADOW_LAST);
    }
    for (long at = SHADOW_START; at < SHADOW_LAST; at += SHADOW_SEGMENT) {
      int segment = (int) ((at - SHADOW_START) / SHADOW_SEGMENT);
      int attributes = config.get().byteAt(firstRegister + 1 + segment / 2) >> 4 * (segment % 2);
      if ((attributes & 1) != 0) {
        put(at, SHADOW_SEGMENT, ram, at);
      }
    }
  }

  /** The card of a block {@code 0000:00:02.0/vga.vram} has a section {@code 0000:00:02.0/vga}. */
  private void putVideo(RamBlock block) {
    String name = block.idstr();
    if (!name.endsWith(VIDEO)) {
      return;
    }
    pieces.remove(Range.closedOpen(VGA_WINDOW, SHADOW_START));
    String card = name.substring(0, name.length() - VIDEO.length()) + "/vga";
    OptionalLong address =
        PciConfig.of(guest.devices(), card)
            .map(PciConfig::firstMemory)
            .orElse(OptionalLong.empty());
    address.ifPresent(at -> put(at, block.length(), block, 0));
  }

  private Optional<RamBlock> find(String idstr) {
    return blocks.stream().filter(block -> block.idstr().equals(idstr)).findFirst();
  }

  /** Later pieces hide earlier ones. */
  private void put(long address, long length, RamBlock block, long offset) {
    if (length > 0) {
      pieces.put(Range.closedOpen(address, address + length), new Piece(block, address - offset));
    }
  }

  private PhysicalMap build() {
    ImmutableList.Builder<PhysicalMap.Region> regions = ImmutableList.builder();
    for (Map.Entry<Range<Long>, Piece> entry : pieces.asMapOfRanges().entrySet()) {
      long start = entry.getKey().lowerEndpoint();
      long length = entry.getKey().upperEndpoint() - start;
      Piece piece = entry.getValue();
      regions.add(new PhysicalMap.Region(start, length, piece.block(), start - piece.base()));
    }
    return new PhysicalMap(regions.build());
  }
}
