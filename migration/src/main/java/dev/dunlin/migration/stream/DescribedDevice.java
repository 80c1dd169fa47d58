package dev.dunlin.migration.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a stream's JSON description says of one device: its name and how many bytes its section
 * holds. QEMU writes it for the readers of dumps (migration/vmstate.c), but nothing else in the
 * stream says how long a section is.
 *
 * @param instance unsigned
 * @param size bytes between header and footer
 */
record DescribedDevice(String idstr, int instance, long size) {
  private static final JsonFactory JSON = new JsonFactory();

  /** More than any machine has. */
  private static final int MAX_DEVICES = 1 << 16;

  private static final int MAX_IDSTR = 255;

  /** All devices in order, or empty when this is no description. */
  static Optional<ImmutableList<DescribedDevice>> parseAll(byte[] json, int offset, int length) {
    try (JsonParser parser = JSON.createParser(json, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      ImmutableList.Builder<DescribedDevice> devices = ImmutableList.builder();
      boolean found = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        if (key.equals("devices") && parser.nextToken() == JsonToken.START_ARRAY) {
          found = true;
          addDevices(parser, devices);
        } else {
          parser.nextToken();
          parser.skipChildren();
        }
      }
      boolean whole = parser.currentToken() == JsonToken.END_OBJECT;
      return found && whole ? Optional.of(devices.build()) : Optional.empty();
    } catch (IOException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static void addDevices(JsonParser parser, ImmutableList.Builder<DescribedDevice> devices)
      throws IOException {
    for (int i = 0; parser.nextToken() == JsonToken.START_OBJECT; i++) {
      if (i == MAX_DEVICES) {
        throw new IOException("more devices than any machine has");
      }
      State state = State.read(parser);
      if (state.name.length() > MAX_IDSTR) {
        throw new IOException("a name that no header has room for");
      }
      devices.add(new DescribedDevice(state.name, (int) state.instance, state.content()));
    }
  }

  /** A device or a subsection: fields, and subsections inside. */
  private static final class State {
    /** Type byte, length byte and version of a subsection, besides its name. */
    private static final int SUBSECTION_HEADER = 1 + 1 + 4;

    private String name = "";
    private String vmsdName = "";
    private long instance;
    private long declared = -1;
    private long fields = -1;
    private long subsections;

    /** Reads the object whose start was read. */
    static State read(JsonParser parser) throws IOException {
      State state = new State();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case "name" -> state.name = parser.getText();
          case "vmsd_name" -> state.vmsdName = parser.getText();
          case "instance_id" -> state.instance = parser.getLongValue();
          case "size" -> state.declared = parser.getLongValue();
          case "fields" -> state.fields = sumOfFields(parser);
          case "subsections" -> state.subsections = sumOfSubsections(parser);
          default -> parser.skipChildren();
        }
      }
      return state;
    }

    /** Devices that save themselves have a size of their own (softmmu/savevm.c). */
    long content() throws IOException {
      long own = fields >= 0 ? fields : declared;
      if (own < 0) {
        throw new IOException("a device without fields and size");
      }
      return Math.addExact(own, subsections);
    }

    private static long sumOfSubsections(JsonParser parser) throws IOException {
      long sum = 0;
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        State inner = read(parser);
        int header = SUBSECTION_HEADER + inner.vmsdName.getBytes(StandardCharsets.UTF_8).length;
        sum = Math.addExact(sum, Math.addExact(inner.content(), header));
      }
      return sum;
    }

    /** A field that holds a structure has its whole size beside it. */
    private static long sumOfFields(JsonParser parser) throws IOException {
      long sum = 0;
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        long size = -1;
        long elements = 1;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String key = parser.currentName();
          parser.nextToken();
          switch (key) {
            case "size" -> size = parser.getLongValue();
            case "array_len" -> elements = parser.getLongValue();
            default -> parser.skipChildren();
          }
        }
        if (size < 0 || elements < 0) {
          throw new IOException("a field without size");
        }
        sum = Math.addExact(sum, Math.multiplyExact(size, elements));
      }
      return sum;
    }
  }
}
