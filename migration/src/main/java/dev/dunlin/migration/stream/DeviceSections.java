package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * All device sections of a stream, in its order, and the description that came with them.
 *
 * @param bytes the sections as they came, headers and footers too, without the EOF behind them
 * @param description the JSON as it came, byte for byte; it says what the sections' bytes mean
 */
public record DeviceSections(
    ImmutableList<DeviceSection> sections, ByteBuffer bytes, Optional<ByteBuffer> description) {
  public static final DeviceSections NONE =
      new DeviceSections(ImmutableList.of(), ByteBuffer.allocate(0), Optional.empty());

  public DeviceSections {
    bytes = bytes.asReadOnlyBuffer();
  }

  /** A view of its own, so that readers don't move each other. */
  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** The section of that name and instance. */
  public Optional<DeviceSection> find(String idstr, int instance) {
    return sections.stream()
        .filter(s -> s.header().idstr().equals(idstr) && s.header().instance() == instance)
        .findFirst();
  }

  public Optional<String> descriptionText() {
    return description.map(json -> StandardCharsets.UTF_8.decode(json.duplicate()).toString());
  }

  /** Bytes of device state. */
  public long length() {
    return sections.stream().mapToLong(DeviceSection::length).sum();
  }
}
