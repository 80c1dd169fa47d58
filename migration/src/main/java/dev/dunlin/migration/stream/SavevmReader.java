package dev.dunlin.migration.stream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Takes a stream apart and hands each section's content to whom it belongs; refuses what QEMU
 * refuses, in its words and order (QEMU migration/savevm.c). One thread; ends with a verdict for
 * any input.
 */
public final class SavevmReader {
  private final StreamInput in;
  private final StreamReceiver receiver;
  private final Optional<StreamDialect> expected;
  private final Map<Integer, Loading> bySection = new HashMap<>();
  private boolean configuration;
  private Optional<Boolean> footers;

  /** For a machine with these sections and no others. */
  public SavevmReader(
      StreamInput in,
      StreamDialect dialect,
      Configuration own,
      List<? extends SectionLoader> loaders,
      Consumer<String> warnings) {
    this(in, new MachineReceiver(dialect, own, loaders, warnings));
  }

  public SavevmReader(StreamInput in, StreamReceiver receiver) {
    this.in = in;
    this.receiver = receiver;
    this.expected = receiver.expected();
    this.footers = expected.map(StreamDialect::footers);
  }

  /** Whether the stream has a CONFIGURATION section. */
  public boolean hasConfiguration() {
    return configuration;
  }

  /** Whether the stream's sections have footers; true when it has no section that could tell. */
  public boolean hasFooters() {
    return footers.orElse(true);
  }

  /** Reads the whole stream. Bytes after its end are left alone. */
  public void load() throws LoadException {
    header();
    boolean described = sections();
    if (!described) {
      vmDescription();
    }
  }

  private void header() throws LoadException {
    if (in.getInt() != SectionType.MAGIC) {
      throw LoadException.invalid("Not a migration stream");
    }
    int version = in.getInt();
    if (version == SectionType.VERSION_OBSOLETE) {
      throw LoadException.of(
          LoadException.Kind.UNSUPPORTED, "SaveVM v2 format is obsolete and don't work anymore");
    }
    if (version != SectionType.VERSION) {
      throw LoadException.of(
          LoadException.Kind.UNSUPPORTED, "Unsupported migration stream version");
    }
    configuration = expected.map(StreamDialect::configuration).orElseGet(this::configurationIsNext);
    if (configuration) {
      configuration();
    }
  }

  private boolean configurationIsNext() {
    return isNext(SectionType.CONFIGURATION);
  }

  private boolean isNext(int type) {
    return in.peekByte().equals(OptionalInt.of(type));
  }

  private void configuration() throws LoadException {
    if (in.getByte() != SectionType.CONFIGURATION) {
      throw LoadException.invalid("Configuration section missing");
    }
    receiver.configuration(Configuration.read(in));
  }

  /** True when everything was read, the description too. */
  private boolean sections() throws LoadException {
    while (true) {
      if (receiver.takesDevices() && isNext(SectionType.FULL)) {
        receiver.devices(DeviceTail.read(in, hasFooters()));
        return true;
      }
      long position = in.position();
      int type = in.getByte();
      in.check();
      switch (type) {
        case SectionType.START, SectionType.FULL -> startOrFull(type, position);
        case SectionType.PART, SectionType.END -> partOrEnd(type, position);
        case SectionType.COMMAND -> command();
        case SectionType.EOF -> {
          return receiver.takesDevices() && noDevices();
        }
        default -> throw LoadException.invalid("Unknown savevm section type " + type);
      }
    }
  }

  /** A machine without devices may have a description of them. */
  private boolean noDevices() throws LoadException {
    if (isNext(SectionType.VM_DESCRIPTION)) {
      in.getByte();
      receiver.devices(DeviceTail.readDescription(in));
    } else {
      receiver.devices(DeviceSections.NONE);
    }
    return true;
  }

  private void startOrFull(int type, long position) throws LoadException {
    int section = in.getInt();
    StreamInput.Counted idstr = in.getCounted();
    if (!idstr.isReadable()) {
      throw LoadException.invalid(
          "Unable to read ID string for section " + Integer.toUnsignedString(section));
    }
    int instance = in.getInt();
    int version = in.getInt();
    checkRead("qemu_loadvm_section_start_full: Failed to read instance/version ID: -5");
    SectionLoader loader =
        receiver
            .loader(idstr.text(), instance)
            .orElseThrow(() -> unknownDevice(idstr.text(), instance));
    if (Integer.compareUnsigned(version, loader.version()) > 0) {
      throw LoadException.invalid(
          "savevm: unsupported version %d for '%s' v%d"
              .formatted(version, idstr.text(), loader.version()));
    }
    Loading loading =
        new Loading(loader, new SectionHeader(type, section, idstr.text(), instance, version));
    bySection.values().removeIf(other -> other.loader() == loader);
    bySection.put(section, loading);
    receiver.begins(loading.header(), position);
    try {
      loader.load(in, version);
    } catch (LoadException e) {
      throw e.within(
          "error while loading state for instance 0x%x of device '%s'"
              .formatted(instance, idstr.text()));
    }
    footer(loading.header());
  }

  private void partOrEnd(int type, long position) throws LoadException {
    int section = in.getInt();
    checkRead("qemu_loadvm_section_part_end: Failed to read section ID: -5");
    Loading loading = bySection.get(section);
    if (loading == null) {
      throw LoadException.invalid("Unknown savevm section " + section);
    }
    SectionHeader header = loading.header().of(type);
    receiver.begins(header, position);
    try {
      loading.loader().load(in, header.version());
    } catch (LoadException e) {
      throw e.within(
          "error while loading state section id %d(%s)"
              .formatted(section, loading.loader().idstr()));
    }
    footer(header);
  }

  private void command() throws LoadException {
    int command = in.getByte() << 8 | in.getByte();
    byte[] data = new byte[in.getByte() << 8 | in.getByte()];
    in.check();
    if (!receiver.takesCommand(command)) {
      throw LoadException.invalid(
          "MIG_CMD 0x%x unknown (len 0x%x)".formatted(command, data.length));
    }
    in.get(data);
    in.check();
    receiver.command(command, data);
  }

  private void footer(SectionHeader header) throws LoadException {
    if (footers.isEmpty()) {
      footers = Optional.of(isNext(SectionType.FOOTER));
    }
    if (footers.get()) {
      checkFooter(header);
    }
    receiver.ends(header, in.position());
  }

  private void checkFooter(SectionHeader header) throws LoadException {
    int mark = in.getByte();
    if (in.failure().isPresent()) {
      throw LoadException.invalid("check_section_footer: Read section footer failed: -5");
    }
    if (mark != SectionType.FOOTER) {
      throw LoadException.invalid("Missing section footer for " + header.idstr());
    }
    int section = in.getInt();
    if (section != header.section()) {
      throw LoadException.invalid(
          "Mismatched section id in footer for %s - read 0x%x expected 0x%x"
              .formatted(header.idstr(), section, header.section()));
    }
  }

  /** Its absence is worth a word, not a failure: the machine's state is complete without it. */
  private void vmDescription() {
    if (!expected.map(StreamDialect::vmDescription).orElse(false)) {
      return;
    }
    int type = in.getByte();
    if (type == SectionType.VM_DESCRIPTION) {
      in.skip(in.getInt() & 0xffffffffL);
    } else {
      receiver.warn("Expected vmdescription section, but got " + type);
    }
  }

  private void checkRead(String line) throws LoadException {
    if (in.failure().isPresent()) {
      throw LoadException.of(LoadException.Kind.IO, line);
    }
  }

  private static LoadException unknownDevice(String idstr, int instance) {
    return LoadException.invalid(
        "Unknown savevm section or instance '%s' %s. Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices"
            .formatted(idstr, Integer.toUnsignedString(instance)));
  }

  /** A loader with the header that the stream gave it. */
  private record Loading(SectionLoader loader, SectionHeader header) {}
}
