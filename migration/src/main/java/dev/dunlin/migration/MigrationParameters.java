package dev.dunlin.migration;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.migration.multifd.Compression;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The values of all parameters and capabilities. Changed on the loop thread, read by a migration
 * under way: a new rate limit counts at once.
 */
public final class MigrationParameters {
  private volatile EnumMap<MigrationParameter, Object> values =
      new EnumMap<>(MigrationParameter.class);
  private volatile Set<MigrationCapability> on = EnumSet.noneOf(MigrationCapability.class);

  public MigrationParameters() {
    for (MigrationParameter parameter : MigrationParameter.values()) {
      values.put(parameter, parameter.initial());
    }
  }

  Object get(MigrationParameter parameter) {
    return Objects.requireNonNull(values.get(parameter));
  }

  long number(MigrationParameter parameter) {
    return (Long) get(parameter);
  }

  boolean flag(MigrationParameter parameter) {
    return (Boolean) get(parameter);
  }

  /** Bytes a second as an unsigned number; 0 for no limit. */
  long maxBandwidth() {
    return number(MigrationParameter.MAX_BANDWIDTH);
  }

  long downtimeLimitMillis() {
    return number(MigrationParameter.DOWNTIME_LIMIT);
  }

  int multifdChannels() {
    return (int) number(MigrationParameter.MULTIFD_CHANNELS);
  }

  Compression multifdCompression() {
    return Compression.named((String) get(MigrationParameter.MULTIFD_COMPRESSION));
  }

  /** Of the compression that is chosen. */
  int multifdLevel() {
    return switch (multifdCompression()) {
      case NONE -> 0;
      case ZLIB -> (int) number(MigrationParameter.MULTIFD_ZLIB_LEVEL);
      case ZSTD -> (int) number(MigrationParameter.MULTIFD_ZSTD_LEVEL);
    };
  }

  void set(MigrationParameter parameter, Object value) throws OptionException {
    set(Map.of(parameter, value));
  }

  /** All of them or, when one is refused, none. */
  void set(Map<MigrationParameter, Object> changes) throws OptionException {
    for (Map.Entry<MigrationParameter, Object> change : changes.entrySet()) {
      change.getKey().check(change.getValue(), this);
    }
    EnumMap<MigrationParameter, Object> changed = new EnumMap<>(values);
    changed.putAll(changes);
    values = changed;
  }

  boolean isOn(MigrationCapability capability) {
    return on.contains(capability);
  }

  /** All of them or, when one is refused, none. */
  void switchCapabilities(Map<MigrationCapability, Boolean> changes) throws OptionException {
    Set<MigrationCapability> changed = EnumSet.noneOf(MigrationCapability.class);
    changed.addAll(on);
    for (Map.Entry<MigrationCapability, Boolean> change : changes.entrySet()) {
      MigrationCapability capability = change.getKey();
      if (change.getValue() && capability.refusal().isPresent()) {
        throw new OptionException(capability.refusal().get());
      }
      if (change.getValue()) {
        changed.add(capability);
      } else {
        changed.remove(capability);
      }
    }
    on = changed;
  }
}
