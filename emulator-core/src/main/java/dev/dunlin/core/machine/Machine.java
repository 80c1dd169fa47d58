package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.run.GuestCpu;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.PathRamFiles;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.PhysicalMemory;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;

/**
 * A machine's memory and what goes into it. Making one opens every file that was named and
 * allocates RAM, so all that can be wrong is refused here, but writes nothing into RAM: {@link
 * #reset} does, unless an incoming migration brings the bytes.
 *
 * <p>Loop thread, or whoever owns it before the loop runs.
 */
public final class Machine implements AutoCloseable {
  private final MachineConfig config;
  private final GuestRam ram;
  private final ImmutableList<RomImage> images;
  private final ImmutableList<RamWriter> writers;
  private boolean warned;

  private Machine(
      MachineConfig config,
      GuestRam ram,
      ImmutableList<RomImage> images,
      ImmutableList<RamWriter> writers) {
    this.config = config;
    this.ram = ram;
    this.images = images;
    this.writers = writers;
  }

  /** Allocates the machine; nothing stays behind when it is refused. */
  public static Machine create(MachineConfig config, RamFileProvider files, Clock clock)
      throws OptionException {
    List<RomImage> images = new ArrayList<>();
    List<RamBlock> blocks = new ArrayList<>();
    if (config.type().family() == MachineType.Family.RELAY) {
      GuestRam later = GuestRam.awaited(config.ramSize());
      return new Machine(config, later, ImmutableList.of(), ImmutableList.of());
    }
    try {
      long biosLength = new FirmwareReader(config, files).readInto(images);
      addLoaders(config, files, images);
      MachineLayout layout = MachineLayout.of(config, biosLength);
      for (BlockSpec spec : layout.blocks()) {
        blocks.add(allocate(spec, config, files));
      }
      GuestRam ram = new GuestRam(blocks, physicalMap(layout, blocks));
      return new Machine(config, ram, ImmutableList.copyOf(images), writers(config, ram, clock));
    } catch (OptionException | RuntimeException | Error e) {
      blocks.forEach(block -> block.backing().close());
      images.forEach(RomImage::close);
      throw e;
    }
  }

  private static void addLoaders(MachineConfig config, RamFileProvider files, List<RomImage> images)
      throws OptionException {
    ImageReader reader = new ImageReader(files, config.ramSize());
    List<RomImage> loaded = new ArrayList<>();
    for (LoaderDevice device : config.loaders()) {
      ImmutableList<RomImage> parts = reader.read(device);
      images.addAll(parts);
      if (device.source().orElse(null) instanceof LoaderDevice.File) {
        loaded.addAll(parts);
      }
    }
    refuseOverlaps(loaded);
  }

  /** hw/core/loader.c: rom_check_and_register_reset. */
  private static void refuseOverlaps(List<RomImage> images) throws OptionException {
    List<RomImage> sorted = new ArrayList<>(images);
    sorted.sort((a, b) -> Long.compareUnsigned(a.address(), b.address()));
    for (int i = 1; i < sorted.size(); i++) {
      RomImage before = sorted.get(i - 1);
      RomImage after = sorted.get(i);
      if (before.overlaps(after)) {
        throw new OptionException(
            """
            Some ROM regions are overlapping
            These ROM regions might have been loaded by direct user request or by default.
            They could be BIOS/firmware images, a guest kernel, initrd or some other file loaded into guest memory.
            Check whether you intended to load all this guest code, and whether it has been built to load to the correct addresses.

            The following two regions overlap (in the cpu-memory-0 address space):
              %s (addresses 0x%016x - 0x%016x)
              %s (addresses 0x%016x - 0x%016x)"""
                .formatted(
                    before.name(),
                    before.address(),
                    before.end(),
                    after.name(),
                    after.address(),
                    after.end()));
      }
    }
  }

  private static RamBlock allocate(BlockSpec spec, MachineConfig config, RamFileProvider files)
      throws OptionException {
    if (config.ramFile().isPresent() && spec.idstr().equals(config.ramBlock())) {
      return allocate(spec, config.ramFile().get());
    }
    try {
      return allocate(spec, files);
    } catch (IOException | OutOfMemoryError e) {
      LogManager.getLogger(Machine.class).debug("{}: {}", spec, e.toString());
      throw new OptionException(
          "cannot set up guest memory '" + spec.idstr() + "': Cannot allocate memory");
    }
  }

  /** softmmu/physmem.c: qemu_ram_alloc_from_file. */
  private static RamBlock allocate(BlockSpec spec, MemoryFile file) throws OptionException {
    try {
      return allocate(spec, new PathRamFiles(Path.of(file.path()), file.shared()));
    } catch (PathRamFiles.SizeMismatchException e) {
      throw new OptionException(String.valueOf(e.getMessage()));
    } catch (IOException | InvalidPathException e) {
      throw new OptionException(
          "can't open backing store " + file.path() + " for guest RAM: " + ImageReader.reason(e));
    } catch (OutOfMemoryError e) {
      throw new OptionException("unable to map backing store for guest RAM: " + e.getMessage());
    }
  }

  private static RamBlock allocate(BlockSpec spec, RamFileProvider files) throws IOException {
    return new RamBlock(
        spec.idstr(), MappedRam.create(files, spec.idstr(), spec.length()), spec.rom());
  }

  private static PhysicalMap physicalMap(MachineLayout layout, List<RamBlock> blocks) {
    Map<String, RamBlock> byName = new LinkedHashMap<>();
    blocks.forEach(block -> byName.put(block.idstr(), block));
    ImmutableList.Builder<PhysicalMap.Region> regions = ImmutableList.builder();
    for (MachineLayout.Mapping mapping : layout.mappings()) {
      RamBlock block = byName.get(mapping.idstr());
      if (block == null) {
        throw new IllegalStateException(mapping + " of a block that isn't there");
      }
      regions.add(
          new PhysicalMap.Region(mapping.address(), mapping.length(), block, mapping.offset()));
    }
    return new PhysicalMap(regions.build());
  }

  private static ImmutableList<RamWriter> writers(MachineConfig config, GuestRam ram, Clock clock)
      throws OptionException {
    ImmutableList.Builder<RamWriter> writers = ImmutableList.builder();
    for (RamWriterDevice device : config.writers()) {
      writers.add(RamWriter.create(device, ram, config.ramSize(), clock));
    }
    return writers.build();
  }

  public MachineConfig config() {
    return config;
  }

  /** As in a stream's configuration section: {@code pc-i440fx-7.2}. */
  public String type() {
    return config.type().name();
  }

  public GuestRam ram() {
    return ram;
  }

  /** What stands in for the guest's CPUs; paused until the run control says otherwise. */
  public ImmutableList<GuestCpu> cpus() {
    return ImmutableList.copyOf(writers);
  }

  /**
   * Writes firmware and loader images into RAM: at start, unless a migration is to come in, and at
   * each system_reset. The rest of RAM keeps what it has, as on a real machine. The guest must
   * stand still.
   */
  public void reset() {
    PhysicalMemory memory = ram.memory();
    for (RomImage image : images) {
      boolean complete = image.load(memory);
      if (!complete && !warned) {
        LogManager.getLogger(Machine.class)
            .warn("{}: no memory answers at some of its addresses", image.name());
      }
    }
    warned = true;
  }

  /** Ends the writers' threads, then gives the memory back. Idempotent. */
  @Override
  public void close() {
    writers.forEach(RamWriter::close);
    images.forEach(RomImage::close);
    ram.close();
  }
}
