package dev.dunlin.launcher.stream;

import dev.dunlin.migration.inspect.FieldValue;
import dev.dunlin.migration.stream.JsonText;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.StringJoiner;

/** Fields' values for people and for programs. */
final class FieldText {
  private static final int SHORT_ELEMENTS = 16;
  private static final int SHORT_BYTES = 32;

  private FieldText() {}

  /**
   * {@code 5}, {@code 0x1f}, {@code true}, {@code 1 2 3}, bytes in hexadecimal.
   *
   * @param full whether long arrays and buffers are written out
   */
  static String of(FieldValue field, boolean full) {
    if (!field.isNumber()) {
      return bytes(field.bytes(), full);
    }
    if (field.elements() > 1 && isUniform(field)) {
      return element(field, 0) + " * " + field.elements();
    }
    int shown = full ? field.elements() : Math.min(field.elements(), SHORT_ELEMENTS);
    StringJoiner text = new StringJoiner(" ");
    for (int i = 0; i < shown; i++) {
      text.add(element(field, i));
    }
    return shown < field.elements() ? text + " … (" + field.elements() + ")" : text.toString();
  }

  /** Signed numbers in decimal, others, which are registers more often than not, not. */
  static String element(FieldValue field, int index) {
    long number = field.number(index);
    if (field.isBool()) {
      return number == 0 ? "false" : "true";
    }
    return field.isSigned() ? Long.toString(number) : Quantity.hex(number);
  }

  static String bytes(ByteBuffer bytes, boolean full) {
    int length = bytes.remaining();
    if (length == 0) {
      return "(nothing)";
    }
    if (length > 1 && isUniform(bytes)) {
      return "%02x * %d".formatted(bytes.get(bytes.position()), length);
    }
    byte[] shown = new byte[full ? length : Math.min(length, SHORT_BYTES)];
    bytes.duplicate().get(shown);
    String hex = HexFormat.of().formatHex(shown);
    return shown.length < length ? hex + "… (" + length + " bytes)" : hex;
  }

  private static boolean isUniform(FieldValue field) {
    for (int i = 1; i < field.elements(); i++) {
      if (field.number(i) != field.number(0)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUniform(ByteBuffer bytes) {
    for (int i = bytes.position() + 1; i < bytes.limit(); i++) {
      if (bytes.get(i) != bytes.get(bytes.position())) {
        return false;
      }
    }
    return true;
  }

  /** Name, type and value: a number, a boolean, a list of those, or bytes in hexadecimal. */
  static void write(JsonText json, FieldValue field) {
    json.beginObject().name("name").value(field.path()).name("type").value(field.type());
    json.name("value");
    value(json, field);
    json.endObject();
  }

  static void value(JsonText json, FieldValue field) {
    if (!field.isNumber()) {
      byte[] all = new byte[field.bytes().remaining()];
      field.bytes().get(all);
      json.value(HexFormat.of().formatHex(all));
    } else if (field.elements() == 1) {
      number(json, field, 0);
    } else {
      json.beginArray();
      for (int i = 0; i < field.elements(); i++) {
        number(json, field, i);
      }
      json.endArray();
    }
  }

  private static void number(JsonText json, FieldValue field, int index) {
    long number = field.number(index);
    if (field.isBool()) {
      json.value(number != 0);
    } else if (field.isSigned()) {
      json.value(number);
    } else {
      json.raw(Long.toUnsignedString(number));
    }
  }
}
