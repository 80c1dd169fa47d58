package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.JsonText;
import java.io.ByteArrayOutputStream;

/**
 * A device's bytes as they are gathered, and beside them the description of what each is. Bounded
 * by {@link StateEntry#MAX_STATE}.
 */
final class StateOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final JsonText description;
  private int silent;

  /** {@code description} is within the device's object. */
  StateOutput(JsonText description) {
    this.description = description;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  int size() {
    return bytes.size();
  }

  void put(IntType type, long value) throws StateException {
    for (int shift = 8 * (type.bytes() - 1); shift >= 0; shift -= 8) {
      bytes.write((int) (value >>> shift));
    }
    checkSize();
  }

  void putByte(int value) throws StateException {
    bytes.write(value);
    checkSize();
  }

  void put(byte[] more) throws StateException {
    if (more.length > StateEntry.MAX_STATE - bytes.size()) {
      throw tooMuch(bytes.size() + (long) more.length);
    }
    bytes.writeBytes(more);
  }

  /** Describes what {@code description} writes, unless the reader knows it already. */
  void describe(java.util.function.Consumer<JsonText> more) {
    if (silent == 0) {
      more.accept(description);
    }
  }

  /** Until {@link #speak}, nothing is described: it is the same again. */
  void silence() {
    silent++;
  }

  void speak() {
    silent--;
  }

  private void checkSize() throws StateException {
    if (bytes.size() > StateEntry.MAX_STATE) {
      throw tooMuch(bytes.size());
    }
  }

  private static StateException tooMuch(long size) {
    return new StateException(size + " bytes are too many");
  }
}
