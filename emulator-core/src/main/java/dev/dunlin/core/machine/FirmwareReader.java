package dev.dunlin.core.machine;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/** The BIOS and the option ROMs of a PC. */
final class FirmwareReader {
  private static final long FOUR_GIB = 1L << 32;

  /** hw/i386/x86.c: x86_bios_rom_init. */
  private static final long BIOS_GRANULE = 64 << 10;

  /** Firmware above 256 MiB would meet PCI's windows. */
  private static final long BIOS_MAX = 256 << 20;

  private static final long LARGE_BIOS = 256 << 10;
  private static final long SMALL_BIOS = 128 << 10;

  /**
   * Where the PC BIOS looks for option ROMs: at every 2 KiB (BIOS Boot Specification 1.01, 3.2).
   */
  private static final long OPTION_ROM_GRANULE = 2 << 10;

  private final MachineConfig config;
  private final RamFileProvider files;

  FirmwareReader(MachineConfig config, RamFileProvider files) {
    this.config = config;
    this.files = files;
  }

  /** Adds the images; returns how long the BIOS block is, 0 on a machine without firmware. */
  long readInto(List<RomImage> images) throws OptionException {
    if (!config.type().family().isPc()) {
      return 0;
    }
    long biosLength = readBios(images);
    readOptionRoms(images);
    return biosLength;
  }

  private long readBios(List<RomImage> images) throws OptionException {
    String name = config.bios().orElse(config.type().firmware());
    Optional<Path> path = new DataFiles(config.dataDirectories()).find(name);
    if (path.isEmpty() && config.bios().isEmpty()) {
      return emptyBios(name);
    }
    OptionException refusal = new OptionException("could not load PC BIOS '" + name + "'");
    if (path.isEmpty()) {
      throw refusal;
    }
    try {
      long length = Files.size(path.get());
      boolean fits = length > 0 && length % BIOS_GRANULE == 0 && length <= BIOS_MAX;
      if (!fits || !Files.isRegularFile(path.get())) {
        throw refusal;
      }
      RomImage image =
          new ImageReader(files, config.ramSize()).whole(path.get(), name, FOUR_GIB - length);
      images.add(image);
      return image.end() - image.address();
    } catch (IOException e) {
      throw refusal;
    }
  }

  /** Nothing runs the BIOS here, so a host without one can still hold a machine. */
  private long emptyBios(String name) {
    LogManager.getLogger(FirmwareReader.class)
        .warn(
            "no {} found: pc.bios stays empty; name a file with -bios or a directory with -L",
            name);
    return config.type().gigabyteAligned() ? LARGE_BIOS : SMALL_BIOS;
  }

  /**
   * Straight into pc.rom, one behind the other, as a PC's own cards appear there and as QEMU did up
   * to 0.11 (hw/pc.c: load_option_rom); later ones hand them to the firmware by fw_cfg, which
   * Dunlin has not.
   */
  private void readOptionRoms(List<RomImage> images) throws OptionException {
    long at = MachineLayout.OPTION_ROM_START;
    long end = at + MachineLayout.OPTION_ROM_LENGTH;
    for (String name : config.optionRoms()) {
      RomImage image = readOptionRom(name, at, end);
      images.add(image);
      at = (image.end() + OPTION_ROM_GRANULE - 1) / OPTION_ROM_GRANULE * OPTION_ROM_GRANULE;
    }
  }

  private RomImage readOptionRom(String name, long at, long end) throws OptionException {
    Path path =
        new DataFiles(config.dataDirectories())
            .find(name)
            .orElseThrow(
                () ->
                    new OptionException(
                        "Could not open option rom '" + name + "': No such file or directory"));
    try {
      long length = Files.size(path);
      if (!Files.isRegularFile(path) || length == 0) {
        throw new OptionException("Could not load option rom '" + name + "': it has no content");
      }
      if (length > end - at) {
        throw new OptionException(
            "Could not load option rom '%s': its %d bytes don't fit, %d of %d KiB are left"
                .formatted(
                    name,
                    length,
                    Math.max(0, end - at) >> 10,
                    MachineLayout.OPTION_ROM_LENGTH >> 10));
      }
      return new ImageReader(files, config.ramSize()).whole(path, name, at);
    } catch (IOException e) {
      throw new OptionException(
          "Could not load option rom '" + name + "': " + ImageReader.reason(e));
    }
  }
}
