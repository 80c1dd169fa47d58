package dev.dunlin.core.cli;

import java.util.Optional;
import java.util.Set;

/**
 * {@code -object memory-backend-ram} or {@code -file}: RAM that {@code -machine memory-backend=}
 * names.
 *
 * @param path the file that holds the RAM, for the file kind
 */
public record MemoryBackend(String id, long size, Optional<String> path, boolean share) {
  private static final Set<String> RAM_KEYS = Set.of("qom-type", "id", "size", "share");
  private static final Set<String> FILE_KEYS =
      Set.of("qom-type", "id", "size", "share", "mem-path");

  static MemoryBackend read(String text) throws OptionException {
    KeyValueList list = KeyValueList.parseStrict(text, "qom-type");
    String type = list.required("qom-type");
    if (!type.equals("memory-backend-ram") && !type.equals("memory-backend-file")) {
      throw new OptionException("Parameter 'qom-type' does not accept value '" + type + "'");
    }
    boolean isFile = type.equals("memory-backend-file");
    String id = list.required("id");
    boolean share = list.bool("share", false);
    long size = size(type, list.required("size"));
    Optional<String> path = isFile ? Optional.of(list.required("mem-path")) : Optional.empty();
    list.refuseUnknown(isFile ? FILE_KEYS : RAM_KEYS);
    Identifiers.check("id", id);
    return new MemoryBackend(id, size, path, share);
  }

  private static long size(String type, String text) throws OptionException {
    if (!(Sizes.parse(text) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter 'size' expects a size value");
    }
    if (value.bits() <= 0) {
      throw new OptionException(
          "property 'size' of "
              + type
              + " doesn't take value '"
              + Long.toUnsignedString(value.bits())
              + "'");
    }
    return value.bits();
  }
}
