package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a machine shall be; immutable. {@link MachineOptions} makes one of a command line, an
 * embedder of {@link #builder}.
 */
public final class MachineConfig {
  private final MachineType type;
  private final long ramSize;
  private final String ramBlock;
  private final Optional<MemoryFile> ramFile;
  private final OptionalLong maxRamBelow4g;
  private final ImmutableList<VideoMemory> video;
  private final Optional<BlockSpec> videoRom;
  private final Optional<String> bios;
  private final ImmutableList<String> dataDirectories;
  private final ImmutableList<String> optionRoms;
  private final ImmutableList<LoaderDevice> loaders;
  private final ImmutableList<RamWriterDevice> writers;

  private MachineConfig(Builder builder) {
    this.type = builder.type;
    this.ramSize = builder.ramSize;
    this.ramBlock = builder.ramBlock;
    this.ramFile = builder.ramFile;
    this.maxRamBelow4g = builder.maxRamBelow4g;
    this.video = builder.video;
    this.videoRom = builder.videoRom;
    this.bios = builder.bios;
    this.dataDirectories = builder.dataDirectories;
    this.optionRoms = builder.optionRoms;
    this.loaders = builder.loaders;
    this.writers = builder.writers;
  }

  /** A machine of this type or alias with the type's own memory and video card. */
  public static Builder builder(String type) throws OptionException {
    return new Builder(MachineType.named(type));
  }

  public MachineType type() {
    return type;
  }

  public long ramSize() {
    return ramSize;
  }

  public String ramBlock() {
    return ramBlock;
  }

  Optional<MemoryFile> ramFile() {
    return ramFile;
  }

  OptionalLong maxRamBelow4g() {
    return maxRamBelow4g;
  }

  public ImmutableList<VideoMemory> video() {
    return video;
  }

  Optional<BlockSpec> videoRom() {
    return videoRom;
  }

  Optional<String> bios() {
    return bios;
  }

  ImmutableList<String> dataDirectories() {
    return dataDirectories;
  }

  ImmutableList<String> optionRoms() {
    return optionRoms;
  }

  ImmutableList<LoaderDevice> loaders() {
    return loaders;
  }

  ImmutableList<RamWriterDevice> writers() {
    return writers;
  }

  /** Collects what differs from the type's defaults. */
  public static final class Builder {
    private final MachineType type;
    private long ramSize;
    private String ramBlock;
    private Optional<MemoryFile> ramFile = Optional.empty();
    private OptionalLong maxRamBelow4g = OptionalLong.empty();
    private ImmutableList<VideoMemory> video;
    private Optional<BlockSpec> videoRom;
    private Optional<String> bios = Optional.empty();
    private ImmutableList<String> dataDirectories = ImmutableList.of();
    private ImmutableList<String> optionRoms = ImmutableList.of();
    private ImmutableList<LoaderDevice> loaders = ImmutableList.of();
    private ImmutableList<RamWriterDevice> writers = ImmutableList.of();

    private Builder(MachineType type) {
      this.type = type;
      this.ramSize = type.defaultRamSize();
      this.ramBlock = type.ramBlockName();
      VideoCards cards = VideoCards.byDefault(type);
      this.video = cards.memory();
      this.videoRom = cards.rom();
    }

    /** Bytes of RAM; a multiple of 4 KiB. */
    public Builder ramSize(long bytes) {
      this.ramSize = bytes;
      return this;
    }

    /** The RAM block's name, where a memory backend gives it one. */
    public Builder ramBlock(String idstr) {
      this.ramBlock = idstr;
      return this;
    }

    /** RAM in a file in place of anonymous memory. */
    public Builder ramFile(MemoryFile file) {
      this.ramFile = Optional.of(file);
      return this;
    }

    /** The machine property max-ram-below-4g. */
    public Builder maxRamBelow4g(long bytes) {
      this.maxRamBelow4g = OptionalLong.of(bytes);
      return this;
    }

    /** Video cards in place of the type's own. */
    Builder video(VideoCards cards) {
      this.video = cards.memory();
      this.videoRom = cards.rom();
      return this;
    }

    public Builder withoutVideo() {
      return video(VideoCards.NONE);
    }

    /** The firmware file: a path, or a name in one of the data directories. */
    public Builder bios(String file) {
      this.bios = Optional.of(file);
      return this;
    }

    /** Searched for firmware before the usual ones ({@code -L}). */
    public Builder dataDirectories(Iterable<String> directories) {
      this.dataDirectories = ImmutableList.copyOf(directories);
      return this;
    }

    public Builder optionRoms(Iterable<String> files) {
      this.optionRoms = ImmutableList.copyOf(files);
      return this;
    }

    public Builder loaders(Iterable<LoaderDevice> devices) {
      this.loaders = ImmutableList.copyOf(devices);
      return this;
    }

    public Builder writers(Iterable<RamWriterDevice> devices) {
      this.writers = ImmutableList.copyOf(devices);
      return this;
    }

    public MachineConfig build() {
      return new MachineConfig(this);
    }
  }
}
