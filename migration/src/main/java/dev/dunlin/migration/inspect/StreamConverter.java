package dev.dunlin.migration.inspect;

import dev.dunlin.migration.ram.RamRecordWriter;
import dev.dunlin.migration.ram.RamSaver;
import dev.dunlin.migration.stream.BlockSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSection;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SavevmWriter;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.SectionType;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.migration.stream.VmDescription;
import dev.dunlin.migration.walk.StreamVisitor;
import dev.dunlin.migration.walk.StreamWalker;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Writes what a stream holds in another dialect: the same pages in the same order, the same bytes
 * of every device; only the frames around them change. One thread; a page is held at a time.
 */
public final class StreamConverter {
  private final StreamDialect dialect;
  private final SavevmWriter writer;
  private final StreamOutput out;
  private final RamRecordWriter records;
  private final List<RamRecordWriter.Block> blocks = new ArrayList<>();
  private Optional<Configuration> configuration;
  private boolean begun;

  private StreamConverter(StreamOutput out, StreamDialect dialect, Optional<String> machine) {
    this.dialect = dialect;
    this.writer = new SavevmWriter(out, dialect);
    this.out = out;
    this.records = new RamRecordWriter(out);
    this.configuration = machine.map(Configuration::of);
  }

  /**
   * Reads a stream to its end and writes it anew.
   *
   * @param machine the name for the CONFIGURATION section, if it shall be another one than the
   *     stream's or the stream has none
   */
  public static void convert(
      StreamInput in, StreamOutput out, StreamDialect dialect, Optional<String> machine)
      throws LoadException, IOException {
    StreamConverter converter = new StreamConverter(out, dialect, machine);
    try {
      new StreamWalker(in, converter.new Visitor(machine)).walk();
      out.flush();
    } catch (UncheckedIOException e) {
      throw new IOException("writing: " + e.getMessage(), e.getCause());
    }
  }

  private void header() throws IOException {
    if (begun) {
      return;
    }
    begun = true;
    out.putInt(SectionType.MAGIC);
    out.putInt(SectionType.VERSION);
    if (dialect.configuration() && configuration.isPresent()) {
      out.putBytes(configuration.get().toBytes());
    }
  }

  private void begin(SectionHeader section) throws IOException {
    header();
    int ram = dialect.ramSection();
    switch (section.type()) {
      case SectionType.START -> {
        noDisks(SectionType.START);
        writer.beginStart(ram, RamSaver.IDSTR, 0, RamSaver.VERSION);
      }
      case SectionType.PART -> {
        noDisks(SectionType.PART);
        writer.beginPart(ram);
      }
      default -> {
        noDisks(SectionType.END);
        writer.beginEnd(ram);
      }
    }
  }

  /** Dialects with disks have their section before each of RAM. */
  private void noDisks(int type) throws IOException {
    if (!dialect.blockSections()) {
      return;
    }
    int block = dialect.blockSection();
    switch (type) {
      case SectionType.START ->
          writer.beginStart(block, BlockSection.IDSTR, 0, BlockSection.VERSION);
      case SectionType.PART -> writer.beginPart(block);
      default -> writer.beginEnd(block);
    }
    BlockSection.saveEmpty(out);
    writer.endSection(block);
  }

  private void blockList() throws IOException {
    if (!blocks.isEmpty()) {
      records.blockList(blocks);
      blocks.clear();
    }
  }

  private void write(DeviceSections devices) throws IOException {
    header();
    int index = 0;
    for (DeviceSection device : devices.sections()) {
      int section = dialect.deviceSection(index++);
      SectionHeader header = device.header();
      writer.beginFull(section, header.idstr(), header.instance(), header.version());
      byte[] content = new byte[device.length()];
      device.content().get(content);
      out.putBytes(content);
      writer.endSection(section);
    }
    out.putByte(SectionType.EOF);
    if (dialect.vmDescription()) {
      byte[] json = description(devices);
      out.putByte(SectionType.VM_DESCRIPTION);
      out.putInt(json.length);
      out.putBytes(json);
    }
  }

  /** A stream without one gets one that says how long its sections are. */
  private static byte[] description(DeviceSections devices) {
    if (devices.description().isPresent()) {
      ByteBuffer json = devices.description().get().duplicate();
      byte[] bytes = new byte[json.remaining()];
      json.get(bytes);
      return bytes;
    }
    VmDescription description = new VmDescription(RamBlock.PAGE_SIZE);
    for (DeviceSection device : devices.sections()) {
      description.add(
          VmDescription.opaque(
              device.header().idstr(), device.header().instance(), device.length()));
    }
    return description.toJson().getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private final class Visitor implements StreamVisitor {
    private final Optional<String> machine;
    private Optional<String> bitmap = Optional.empty();

    Visitor(Optional<String> machine) {
      this.machine = machine;
    }

    @Override
    public void configuration(Configuration found) throws LoadException {
      if (!dialect.configuration() && !found.capabilities().isEmpty()) {
        throw unknownThen("the capabilities " + String.join(", ", found.capabilities()));
      }
      Configuration written =
          new Configuration(
              machine.orElse(found.machineType()),
              found.capabilities(),
              found.uuid(),
              found.targetPageBits());
      if (dialect.configuration() && !written.isKeptWhole()) {
        throw LoadException.invalid(
            "The names of the stream's machine and capabilities can't be written as they came");
      }
      configuration = Optional.of(written);
    }

    @Override
    public void begins(SectionHeader section, long position) {
      if (section.idstr().equals(RamSaver.IDSTR)) {
        put(() -> begin(section));
      }
    }

    @Override
    public void ends(SectionHeader section, long position) {
      if (section.idstr().equals(RamSaver.IDSTR)) {
        put(
            () -> {
              blockList();
              records.endOfSection();
              writer.endSection(dialect.ramSection());
            });
      }
    }

    @Override
    public void block(String idstr, long length, OptionalLong address) throws LoadException {
      requireMachine();
      blocks.add(new RamRecordWriter.Block(idstr, length, address));
    }

    @Override
    public void page(String block, long offset, ByteBuffer page) {
      put(() -> records.page(block, offset, page));
    }

    @Override
    public void fill(String block, long offset, byte fill) {
      put(() -> records.fill(block, offset, fill));
    }

    @Override
    public void xbzrle(String block, long offset, ByteBuffer encoded) throws LoadException {
      if (dialect.blockSections()) {
        throw unknownThen("pages sent as differences (XBZRLE)");
      }
      put(() -> records.xbzrle(block, offset, encoded));
    }

    @Override
    public void compressed(String block, long offset, ByteBuffer deflated) throws LoadException {
      if (dialect.blockSections()) {
        throw unknownThen("compressed pages");
      }
      put(() -> records.compressed(block, offset, deflated));
    }

    @Override
    public void disk(String device, long sector, boolean zero) throws LoadException {
      throw LoadException.invalid("Disks can't be converted, and the stream has " + device);
    }

    @Override
    public void dirtyBitmap(String name) {
      bitmap = Optional.of(name);
    }

    @Override
    public void command(int command, byte[] data) throws LoadException {
      throw LoadException.invalid(
          "Commands can't be converted, and the stream has MIG_CMD 0x%x".formatted(command));
    }

    @Override
    public void devices(DeviceSections devices) throws LoadException {
      requireMachine();
      if (bitmap.isPresent()) {
        throw LoadException.invalid(
            "Dirty bitmaps can't be converted, and the stream has " + bitmap.get());
      }
      for (DeviceSection device : devices.sections()) {
        if (device.header().idstr().indexOf('\ufffd') >= 0) {
          throw LoadException.invalid(
              "The name of a device can't be written as it came: '"
                  + device.header().idstr()
                  + "'");
        }
      }
      put(() -> write(devices));
    }

    private void requireMachine() throws LoadException {
      if (dialect.configuration() && configuration.isEmpty()) {
        throw LoadException.invalid(
            "The stream doesn't say which machine it belongs to, and in that form it must");
      }
    }

    private void put(Put action) {
      try {
        action.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static LoadException unknownThen(String what) {
    return LoadException.invalid("That form has no room for " + what);
  }

  private interface Put {
    void run() throws IOException;
  }
}
