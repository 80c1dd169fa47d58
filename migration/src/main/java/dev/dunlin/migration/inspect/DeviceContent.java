package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.DeviceSection;
import dev.dunlin.migration.stream.SectionHeader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A device's section with the fields that its description finds in it.
 *
 * @param fields empty when the stream doesn't describe them, or describes something else
 */
public record DeviceContent(DeviceSection section, Optional<ImmutableList<FieldValue>> fields) {

  /** All devices of a stream, in its order. */
  public static ImmutableList<DeviceContent> of(StreamIndex index) {
    Map<String, StateShape> shapes = new HashMap<>();
    for (DeviceShape shape : index.shapes()) {
      shapes.putIfAbsent(key(shape.idstr(), shape.instance()), shape.state());
    }
    FieldReader.Budget budget = FieldReader.Budget.ofJvm();
    return index.devices().sections().stream()
        .map(section -> new DeviceContent(section, fields(section, shapes, budget)))
        .collect(ImmutableList.toImmutableList());
  }

  private static Optional<ImmutableList<FieldValue>> fields(
      DeviceSection section, Map<String, StateShape> shapes, FieldReader.Budget budget) {
    SectionHeader header = section.header();
    return Optional.ofNullable(shapes.get(key(header.idstr(), header.instance())))
        .flatMap(shape -> FieldReader.read(shape, section.content(), budget));
  }

  /** How a device is told from the others. */
  static String key(String idstr, int instance) {
    return idstr + " " + Integer.toUnsignedString(instance);
  }
}
