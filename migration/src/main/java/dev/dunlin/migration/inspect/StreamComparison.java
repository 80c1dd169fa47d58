package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSection;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What two streams hold, compared: machine, blocks with their content, devices with their fields.
 * How it was sent (order, passes, framing) isn't looked at.
 */
public final class StreamComparison {
  private final StreamIndex left;
  private final StreamIndex right;
  private final ImmutableList.Builder<Difference> found = ImmutableList.builder();

  private StreamComparison(StreamIndex left, StreamIndex right) {
    this.left = left;
    this.right = right;
  }

  /** Everything that isn't alike, in the order of the streams. Contents must be known. */
  public static ImmutableList<Difference> of(StreamIndex left, StreamIndex right) {
    StreamComparison comparison = new StreamComparison(left, right);
    comparison.configuration();
    comparison.blocks();
    comparison.devices();
    return comparison.found.build();
  }

  private void configuration() {
    value("machine", of(Configuration::machineType, left), of(Configuration::machineType, right));
    value("capabilities", capabilities(left), capabilities(right));
    value(
        "uuid",
        left.configuration().flatMap(Configuration::uuid).map(Object::toString),
        right.configuration().flatMap(Configuration::uuid).map(Object::toString));
  }

  private static Optional<String> of(Function<Configuration, String> member, StreamIndex index) {
    return index.configuration().map(member);
  }

  private static Optional<String> capabilities(StreamIndex index) {
    return index
        .configuration()
        .map(Configuration::capabilities)
        .filter(names -> !names.isEmpty())
        .map(names -> String.join(", ", names));
  }

  private void blocks() {
    Set<String> names = new LinkedHashSet<>();
    left.blocks().forEach(block -> names.add(block.idstr()));
    right.blocks().forEach(block -> names.add(block.idstr()));
    for (String name : names) {
      Optional<BlockIndex> a = left.block(name);
      Optional<BlockIndex> b = right.block(name);
      value("block " + name + " length", a.map(length()), b.map(length()));
      if (a.isPresent() && b.isPresent()) {
        content(a.get(), b.get());
      }
    }
  }

  private static Function<BlockIndex, String> length() {
    return block -> "0x" + Long.toHexString(block.length());
  }

  private void content(BlockIndex a, BlockIndex b) {
    ImmutableList<PageRange> ranges = BlockIndex.differences(a, b);
    if (!ranges.isEmpty()) {
      long pages = ranges.stream().mapToLong(PageRange::pages).sum();
      long total = Math.max(a.totalPages(), b.totalPages());
      found.add(new Difference.Pages(a.idstr(), pages, total, ranges));
    }
  }

  private void devices() {
    Map<String, DeviceContent> a = byName(left);
    Map<String, DeviceContent> b = byName(right);
    Set<String> names = new LinkedHashSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      Optional<DeviceContent> one = Optional.ofNullable(a.get(name));
      Optional<DeviceContent> other = Optional.ofNullable(b.get(name));
      value("device " + name + " version", one.map(version()), other.map(version()));
      if (one.isPresent() && other.isPresent()) {
        device(name, one.get(), other.get());
      }
    }
  }

  private static Map<String, DeviceContent> byName(StreamIndex index) {
    Map<String, DeviceContent> devices = new LinkedHashMap<>();
    for (DeviceContent device : DeviceContent.of(index)) {
      devices.putIfAbsent(
          DeviceContent.key(
              device.section().header().idstr(), device.section().header().instance()),
          device);
    }
    return devices;
  }

  private static Function<DeviceContent, String> version() {
    return device -> Integer.toUnsignedString(device.section().header().version());
  }

  private void device(String name, DeviceContent a, DeviceContent b) {
    if (a.section().content().equals(b.section().content())) {
      return;
    }
    if (a.fields().isPresent() && b.fields().isPresent()) {
      fields(name, byPath(a.fields().get()), byPath(b.fields().get()));
    } else {
      bytes(name, a.section(), b.section());
    }
  }

  /** Names may come more than once; those are counted. */
  private static Map<String, FieldValue> byPath(ImmutableList<FieldValue> fields) {
    Map<String, FieldValue> byPath = new LinkedHashMap<>();
    Map<String, Integer> times = new HashMap<>();
    for (FieldValue field : fields) {
      String path = field.path();
      while (byPath.putIfAbsent(path, field) != null) {
        path = field.path() + " (" + (times.merge(field.path(), 1, Integer::sum) + 1) + ")";
      }
    }
    return byPath;
  }

  private void fields(String device, Map<String, FieldValue> a, Map<String, FieldValue> b) {
    Set<String> paths = new LinkedHashSet<>(a.keySet());
    paths.addAll(b.keySet());
    for (String path : paths) {
      FieldValue one = a.get(path);
      FieldValue other = b.get(path);
      if (one != null && other != null && isComparable(one, other)) {
        if (!one.bytes().equals(other.bytes())) {
          found.add(new Difference.Field(device, one, other));
        }
      } else {
        value(
            "device " + device + " field " + path,
            Optional.ofNullable(one).map(StreamComparison::kind),
            Optional.ofNullable(other).map(StreamComparison::kind));
      }
    }
  }

  private static boolean isComparable(FieldValue a, FieldValue b) {
    return kind(a).equals(kind(b));
  }

  private static String kind(FieldValue field) {
    return field.type() + "*" + field.elements() + " of " + field.size();
  }

  private void bytes(String device, DeviceSection a, DeviceSection b) {
    ByteBuffer one = a.content();
    ByteBuffer other = b.content();
    int first = one.mismatch(other);
    long differing = 0;
    for (int i = first; i < Math.min(one.remaining(), other.remaining()); i++) {
      if (one.get(one.position() + i) != other.get(other.position() + i)) {
        differing++;
      }
    }
    found.add(new Difference.Bytes(device, a.length(), b.length(), first, differing));
  }

  private void value(String where, Optional<String> a, Optional<String> b) {
    if (!a.equals(b)) {
      found.add(new Difference.Value(where, a, b));
    }
  }
}
