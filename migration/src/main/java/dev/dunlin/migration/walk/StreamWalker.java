package dev.dunlin.migration.walk;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.ram.RamLoader;
import dev.dunlin.migration.stream.BlockSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.DirtyBitmapSection;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SavevmReader;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.SectionLoader;
import dev.dunlin.migration.stream.SectionType;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.StreamReceiver;
import java.util.Optional;

/**
 * Reads a stream from its first byte to its end, whatever machine wrote it and in whichever form,
 * and tells a visitor what is in it. One thread; ends with a verdict for any input, and holds no
 * more than the devices' state (64 MiB at most).
 */
public final class StreamWalker {
  private final SavevmReader reader;
  private final StreamInput in;

  public StreamWalker(StreamInput in, StreamVisitor visitor) {
    this.in = in;
    this.reader = new SavevmReader(in, new Receiver(visitor));
  }

  /** Walks the whole stream; bytes after its end are left alone. */
  public void walk() throws LoadException {
    reader.load();
  }

  /** Bytes read so far. */
  public long position() {
    return in.position();
  }

  /** Whether the stream has a CONFIGURATION section; once it was walked. */
  public boolean hasConfiguration() {
    return reader.hasConfiguration();
  }

  /** Whether sections end with footers; once it was walked. */
  public boolean hasFooters() {
    return reader.hasFooters();
  }

  private static final class Receiver implements StreamReceiver {
    private final StreamVisitor visitor;
    private final RamLoader ram;
    private final ImmutableList<SectionLoader> loaders;

    Receiver(StreamVisitor visitor) {
      this.visitor = visitor;
      this.ram = new RamLoader(new VisitedRam(visitor));
      this.loaders =
          ImmutableList.of(
              ram, new BlockSection(visitor::disk), new DirtyBitmapSection(visitor::dirtyBitmap));
    }

    @Override
    public Optional<StreamDialect> expected() {
      return Optional.empty();
    }

    @Override
    public void configuration(Configuration configuration) throws LoadException {
      if (configuration.ignoresShared()) {
        ram.expectAddresses();
      }
      visitor.configuration(configuration);
    }

    @Override
    public Optional<SectionLoader> loader(String idstr, int instance) {
      return loaders.stream()
          .filter(loader -> loader.idstr().equals(idstr) && loader.instance() == instance)
          .findFirst();
    }

    /** After a package of postcopy the stream isn't one of sections any more. */
    @Override
    public boolean takesCommand(int command) {
      return command != SectionType.COMMAND_PACKAGED;
    }

    @Override
    public void command(int command, byte[] data) throws LoadException {
      visitor.command(command, data);
    }

    @Override
    public boolean takesDevices() {
      return true;
    }

    @Override
    public void devices(DeviceSections devices) throws LoadException {
      visitor.devices(devices);
    }

    @Override
    public void begins(SectionHeader section, long position) {
      visitor.begins(section, position);
    }

    @Override
    public void ends(SectionHeader section, long position) {
      visitor.ends(section, position);
    }
  }
}
