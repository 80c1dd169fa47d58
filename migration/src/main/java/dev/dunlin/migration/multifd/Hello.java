package dev.dunlin.migration.multifd;

import dev.dunlin.migration.stream.LoadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** What a connection says first: whose it is, and which of them. */
record Hello(UUID uuid, int channel) {
  static final int BYTES = 64;
  static final int MAGIC = 0x11223344;
  static final int VERSION = 1;

  private static final int AT_UUID = 8;
  private static final int AT_CHANNEL = 24;

  ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.BIG_ENDIAN);
    bytes.putInt(0, MAGIC).putInt(4, VERSION);
    bytes.putLong(AT_UUID, uuid.getMostSignificantBits());
    bytes.putLong(AT_UUID + 8, uuid.getLeastSignificantBits());
    return bytes.put(AT_CHANNEL, (byte) channel);
  }

  /** Reads one from position 0; refuses in QEMU's words. */
  static Hello decode(ByteBuffer bytes) throws LoadException {
    int magic = bytes.getInt(0);
    if (magic != MAGIC) {
      throw LoadException.invalid(
          "multifd: received packet magic %x expected %x".formatted(magic, MAGIC));
    }
    int version = bytes.getInt(4);
    if (version != VERSION) {
      throw LoadException.invalid(
          "multifd: received packet version %s expected %d"
              .formatted(Integer.toUnsignedString(version), VERSION));
    }
    return new Hello(
        new UUID(bytes.getLong(AT_UUID), bytes.getLong(AT_UUID + 8)), bytes.get(AT_CHANNEL) & 0xff);
  }

  /** Refuses another machine's connection, and one more than there are. */
  void check(UUID own, int channels) throws LoadException {
    if (!uuid.equals(own)) {
      throw LoadException.invalid(
          "multifd: received uuid '%s' and expected uuid '%s' for channel %d"
              .formatted(uuid, own, channel));
    }
    if (channel >= channels) {
      throw LoadException.invalid(
          "multifd: received id '%d' and have %d channels".formatted(channel, channels));
    }
  }
}
