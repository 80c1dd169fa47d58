package dev.dunlin.migration.relay;

import dev.dunlin.migration.stream.DeviceSection;
import dev.dunlin.migration.stream.DeviceSections;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A PCI device's configuration space, which begins its section (QEMU hw/pci/pci.c,
 * vmstate_pci_device): be32 version, then the space.
 */
final class PciConfig {
  private static final int VERSION_LENGTH = 4;
  private static final int SPACE_LENGTH = 256;

  private static final int COMMAND = 0x04;
  private static final int COMMAND_MEMORY = 0x02;
  private static final int FIRST_BAR = 0x10;
  private static final int BAR_IO = 0x01;
  private static final int BAR_FLAGS = 0x0f;

  private final ByteBuffer space;

  private PciConfig(ByteBuffer space) {
    this.space = space;
  }

  static Optional<PciConfig> of(DeviceSections devices, String idstr) {
    Optional<DeviceSection> section = devices.find(idstr, 0);
    if (section.isEmpty() || section.get().length() < VERSION_LENGTH + SPACE_LENGTH) {
      return Optional.empty();
    }
    ByteBuffer content = section.get().content();
    ByteBuffer space = content.slice(content.position() + VERSION_LENGTH, SPACE_LENGTH);
    return Optional.of(new PciConfig(space.order(ByteOrder.LITTLE_ENDIAN)));
  }

  int byteAt(int offset) {
    return space.get(offset) & 0xff;
  }

  /** Where the first BAR's memory answers; empty while it doesn't. */
  OptionalLong firstMemory() {
    int bar = space.getInt(FIRST_BAR);
    boolean answers = (byteAt(COMMAND) & COMMAND_MEMORY) != 0 && (bar & BAR_IO) == 0;
    long address = bar & ~BAR_FLAGS & 0xffffffffL;
    return answers && address != 0 ? OptionalLong.of(address) : OptionalLong.empty();
  }
}
