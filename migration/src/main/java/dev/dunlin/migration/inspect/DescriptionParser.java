package dev.dunlin.migration.inspect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads a stream's description (QEMU migration/vmstate.c writes it). Its nesting is bounded by the
 * JSON parser's own limit, its size by the stream reader's.
 */
final class DescriptionParser {
  private static final JsonFactory JSON = new JsonFactory();

  /** QEMU's are shorter than 60 characters. */
  private static final int MAX_NAME = 255;

  /**
   * Devices, fields, structures and subsections of one stream. A big machine of QEMU's has 10,000.
   */
  private static final int MAX_SHAPES = 200_000;

  private final JsonParser parser;
  private int shapes;

  private DescriptionParser(JsonParser parser) {
    this.parser = parser;
  }

  /** All devices in order; empty when this is no description. */
  static Optional<ImmutableList<DeviceShape>> parse(ByteBuffer json) {
    byte[] bytes = new byte[json.remaining()];
    json.duplicate().get(bytes);
    try (JsonParser parser = JSON.createParser(bytes)) {
      return Optional.of(new DescriptionParser(parser).devices());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private ImmutableList<DeviceShape> devices() throws IOException {
    ImmutableList.Builder<DeviceShape> devices = ImmutableList.builder();
    expect(parser.nextToken(), JsonToken.START_OBJECT);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      if (key.equals("devices") && parser.nextToken() == JsonToken.START_ARRAY) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          devices.add(new Members().read().device());
        }
      } else {
        parser.nextToken();
        parser.skipChildren();
      }
    }
    return devices.build();
  }

  private static void expect(JsonToken found, JsonToken wanted) throws IOException {
    if (found != wanted) {
      throw new IOException(wanted + " and not " + found);
    }
  }

  /** What a device, a field, a structure or a subsection may have; each has some of it. */
  private final class Members {
    private String name = "";
    private String vmsdName = "";
    private String type = "";
    private long instance;
    private long version;
    private long size;
    private long count = 1;
    private long index = -1;
    private Optional<StateShape> struct = Optional.empty();
    private boolean described;
    private final ImmutableList.Builder<FieldShape> fields = ImmutableList.builder();
    private final ImmutableList.Builder<StateShape> subsections = ImmutableList.builder();

    /** Reads the object whose start was read. */
    Members read() throws IOException {
      if (++shapes > MAX_SHAPES) {
        throw new IOException("more than any machine has");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "name" -> name = text();
          case "vmsd_name" -> vmsdName = text();
          case "type" -> type = text();
          case "instance_id" -> instance = parser.getLongValue();
          case "version" -> version = parser.getLongValue();
          case "size" -> size = parser.getLongValue();
          case "array_len" -> count = parser.getLongValue();
          case "index" -> index = parser.getLongValue();
          case "struct" -> {
            expect(value, JsonToken.START_OBJECT);
            struct = Optional.of(new Members().read().state());
          }
          case "fields" -> {
            described = true;
            while (parser.nextToken() == JsonToken.START_OBJECT) {
              fields.add(new Members().read().field());
            }
          }
          case "subsections" -> {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
              subsections.add(new Members().read().state());
            }
          }
          default -> parser.skipChildren();
        }
      }
      return this;
    }

    private String text() throws IOException {
      if (parser.getTextLength() > MAX_NAME) {
        throw new IOException("a long name");
      }
      return parser.getText();
    }

    DeviceShape device() {
      return new DeviceShape(name, (int) instance, state());
    }

    StateShape state() {
      return new StateShape(vmsdName, version, fields.build(), subsections.build());
    }

    /** QEMU's type "tmp" has the fields of its structure beside it. */
    FieldShape field() throws IOException {
      if (size < 0 || count < 0) {
        throw new IOException("a negative size");
      }
      Optional<StateShape> inside = struct.isEmpty() && described ? Optional.of(state()) : struct;
      return new FieldShape(name, type, size, count, index, inside);
    }
  }
}
