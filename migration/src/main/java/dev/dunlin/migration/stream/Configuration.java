package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The CONFIGURATION section: which machine wrote the stream, and in subsections what both sides
 * must agree on (QEMU migration/savevm.c, vmstate_configuration).
 *
 * @param capabilities those that change the stream's form and are on; QEMU 7.2 names only {@code
 *     x-ignore-shared}
 * @param uuid sent when {@code validate-uuid} is on
 * @param targetPageBits sent for targets whose page size isn't fixed; x86's is
 */
public record Configuration(
    String machineType,
    ImmutableList<String> capabilities,
    Optional<UUID> uuid,
    OptionalInt targetPageBits) {
  public static final String IGNORE_SHARED = "x-ignore-shared";

  /** No machine's name is longer; only this much is kept. */
  private static final int MAX_MACHINE_NAME = 1024;

  /** QEMU knows two dozen. */
  private static final int MAX_CAPABILITIES = 256;

  private static final String NAME = "configuration";

  /** What a machine says of itself, or expects of a stream. */
  public static Configuration of(String machineType, Optional<UUID> uuid) {
    return new Configuration(machineType, ImmutableList.of(), uuid, OptionalInt.empty());
  }

  /** With nothing but a machine's name. */
  public static Configuration of(String machineType) {
    return of(machineType, Optional.empty());
  }

  /**
   * Whether all names can be written as they came: a machine's that was longer was cut when read,
   * and what isn't UTF-8 was replaced.
   */
  public boolean isKeptWhole() {
    return machineType.length() < MAX_MACHINE_NAME
        && isText(machineType)
        && capabilities.stream().allMatch(Configuration::isText);
  }

  private static boolean isText(String name) {
    return name.indexOf('\ufffd') < 0;
  }

  public boolean ignoresShared() {
    return capabilities.contains(IGNORE_SHARED);
  }

  /** Refuses the stream of a machine that isn't like ours. */
  void check(Configuration own, Consumer<String> warnings) throws LoadException {
    refuseUnknownCapabilities();
    checkUuid(own.uuid, warnings);
    if (!machineType.equals(own.machineType)) {
      throw LoadException.invalid(
          "Machine type received is '" + machineType + "' and local is '" + own.machineType + "'");
    }
    if (ignoresShared() != own.ignoresShared()) {
      throw LoadException.invalid(
          "Capability %s is %s, but received capability is %s"
              .formatted(IGNORE_SHARED, onOff(own.ignoresShared()), onOff(ignoresShared())));
    }
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  /**
   * Refuses the stream of another machine when it says whose it is. As in QEMU the receiver's own
   * {@code validate-uuid} plays no part, and a machine without a UUID takes any.
   */
  public void checkUuid(Optional<UUID> local, Consumer<String> warnings) throws LoadException {
    if (uuid.isEmpty() || uuid.equals(local)) {
      return;
    }
    if (local.isPresent()) {
      throw LoadException.invalid(
          "UUID received is %s and local is %s".formatted(uuid.get(), local.get()));
    }
    warnings.accept("warning: UUID is received %s, but local uuid isn't set".formatted(uuid.get()));
  }

  /** Reads what follows the section's type byte. */
  static Configuration read(StreamInput in) throws LoadException {
    Configuration read = of(machineName(in));
    while (in.failure().isEmpty() && in.peekByte().equals(OptionalInt.of(SectionType.SUBSECTION))) {
      in.getByte();
      read = read.withSubsection(in);
      in.check();
    }
    return read;
  }

  private static String machineName(StreamInput in) throws LoadException {
    long length = in.getInt() & 0xffffffffL;
    byte[] kept = new byte[(int) Math.min(length, MAX_MACHINE_NAME)];
    int got = in.get(kept);
    in.skip(length - kept.length);
    in.check();
    return new String(kept, 0, got, StandardCharsets.UTF_8);
  }

  private Configuration withSubsection(StreamInput in) throws LoadException {
    String name = in.getCounted().text();
    if (!name.startsWith(NAME)) {
      // Then it isn't a part of this section, and no section can begin so.
      throw LoadException.invalid("Unknown savevm section type " + SectionType.SUBSECTION);
    }
    int version = in.getInt();
    in.check();
    if (Integer.compareUnsigned(version, 1) > 0) {
      throw LoadException.invalid(
          "%s: incoming version_id %d is too new for local version_id 1".formatted(name, version));
    }
    return switch (name) {
      case NAME + "/capabilities" ->
          new Configuration(machineType, readCapabilities(in), uuid, targetPageBits);
      case NAME + "/uuid" ->
          new Configuration(machineType, capabilities, Optional.of(readUuid(in)), targetPageBits);
      case NAME + "/target-page-bits" ->
          new Configuration(machineType, capabilities, uuid, OptionalInt.of(in.getInt()));
      default -> throw LoadException.of(LoadException.Kind.NOT_FOUND);
    };
  }

  private static ImmutableList<String> readCapabilities(StreamInput in) throws LoadException {
    int count = in.getInt();
    if (count < 0 || count > MAX_CAPABILITIES) {
      throw badCapabilities(
          "%s are more capabilities than there are".formatted(Integer.toUnsignedString(count)));
    }
    ImmutableList.Builder<String> names = ImmutableList.builder();
    for (int i = 0; i < count; i++) {
      names.add(in.getCounted().text());
      in.check();
    }
    return names.build();
  }

  /** Refuses a stream whose form an unknown capability may have changed. */
  public void refuseUnknownCapabilities() throws LoadException {
    for (String name : capabilities) {
      if (!name.equals(IGNORE_SHARED)) {
        throw badCapabilities("Received unknown capability " + name);
      }
    }
  }

  private static LoadException badCapabilities(String line) {
    return LoadException.invalid(line)
        .within("Failed to load configuration/capabilities:capabilities");
  }

  private static UUID readUuid(StreamInput in) {
    return new UUID(in.getLong(), in.getLong());
  }

  /** The section as a writer puts it, type byte and all. */
  public byte[] toBytes() {
    byte[] machine = machineType.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(machine.length + 256 * (capabilities.size() + 4));
    out.put((byte) SectionType.CONFIGURATION).putInt(machine.length).put(machine);
    if (targetPageBits.isPresent()) {
      subsection(out, "/target-page-bits").putInt(targetPageBits.getAsInt());
    }
    if (!capabilities.isEmpty()) {
      subsection(out, "/capabilities").putInt(capabilities.size());
      capabilities.forEach(name -> counted(out, name));
    }
    uuid.ifPresent(
        id ->
            subsection(out, "/uuid")
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits()));
    return Arrays.copyOf(out.array(), out.position());
  }

  private static ByteBuffer subsection(ByteBuffer out, String name) {
    out.put((byte) SectionType.SUBSECTION);
    return counted(out, NAME + name).putInt(1);
  }

  private static ByteBuffer counted(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return out.put((byte) bytes.length).put(bytes);
  }
}
