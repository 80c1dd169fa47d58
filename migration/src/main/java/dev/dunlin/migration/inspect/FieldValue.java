package dev.dunlin.migration.inspect;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A field with what the stream has for it.
 *
 * @param path within its device: {@code channels[0].count}, {@code fw_cfg/dma: dma_addr}
 * @param size bytes of one element
 * @param elements of an array; 1 of a single field
 * @param bytes of all elements
 */
public record FieldValue(String path, String type, int size, int elements, ByteBuffer bytes) {
  public FieldValue {
    bytes = bytes.asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** Whether its elements are numbers. */
  public boolean isNumber() {
    return kind().isPresent();
  }

  public boolean isSigned() {
    return kind().filter(kind -> kind == Kind.SIGNED).isPresent();
  }

  public boolean isBool() {
    return kind().filter(kind -> kind == Kind.BOOL).isPresent();
  }

  /** An element's value: unsigned ones of 64 bits as Java's long. */
  public long number(int element) {
    long value = 0;
    int at = bytes.position() + element * size;
    for (int i = 0; i < size; i++) {
      value = value << 8 | (bytes.get(at + i) & 0xff);
    }
    int unused = Long.SIZE - 8 * size;
    return isSigned() ? value << unused >> unused : value;
  }

  private enum Kind {
    BOOL,
    SIGNED,
    UNSIGNED
  }

  /** QEMU's names: int32, "int32 equal", "int32 le", uint8, bool, timer. */
  private Optional<Kind> kind() {
    String first = type.contains(" ") ? type.substring(0, type.indexOf(' ')) : type;
    return switch (first) {
      case "bool" -> ofSize(Kind.BOOL, 1);
      case "int8" -> ofSize(Kind.SIGNED, 1);
      case "int16" -> ofSize(Kind.SIGNED, 2);
      case "int32" -> ofSize(Kind.SIGNED, 4);
      case "int64", "timer" -> ofSize(Kind.SIGNED, 8);
      case "uint8" -> ofSize(Kind.UNSIGNED, 1);
      case "uint16" -> ofSize(Kind.UNSIGNED, 2);
      case "uint32" -> ofSize(Kind.UNSIGNED, 4);
      case "uint64" -> ofSize(Kind.UNSIGNED, 8);
      default -> Optional.empty();
    };
  }

  private Optional<Kind> ofSize(Kind kind, int wanted) {
    return size == wanted ? Optional.of(kind) : Optional.empty();
  }
}
