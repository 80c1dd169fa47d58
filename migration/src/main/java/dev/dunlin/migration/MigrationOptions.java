package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.Booleans;
import dev.dunlin.core.cli.GlobalProperty;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.machine.MachineType;
import dev.dunlin.migration.stream.StreamDialect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the machine type and {@code -global migration.X=Y} decide about streams, once and for all:
 * QEMU has no way to change these at run time.
 *
 * @param splice whether pages may go into an exec pipe by reference; Dunlin's own {@code x-splice}
 */
public record MigrationOptions(
    StreamDialect dialect,
    boolean storeGlobalState,
    boolean decompressErrorCheck,
    int clearBitmapShift,
    boolean splice) {
  private static final String OLD_MACHINE = "pc-0.12";

  private static final Pattern VERSIONED =
      Pattern.compile("pc-(?:i440fx|q35)-(\\d{1,3})\\.(\\d{1,2})(?:\\.\\d+)?");

  private static final int CLEAR_BITMAP_SHIFT = 18;

  /** Properties that QEMU doesn't prefix with {@code x-}. */
  private static final ImmutableList<String> PLAIN_PARAMETERS =
      ImmutableList.of(
          "multifd-channels",
          "multifd-compression",
          "multifd-zlib-level",
          "multifd-zstd-level",
          "xbzrle-cache-size",
          "max-cpu-throttle",
          "announce-initial",
          "announce-max",
          "announce-rounds",
          "announce-step",
          "tls-creds",
          "tls-hostname",
          "tls-authz",
          "x-checkpoint-delay");

  /**
   * The machine's own choices, before any {@code -global}: old versions keep the stream that they
   * had (hw/core/machine.c, hw_compat_2_3 and hw_compat_2_12; hw/i386/pc_piix.c for the
   * description).
   */
  public static MigrationOptions of(String machineType, boolean suppressVmDescription) {
    if (machineType.equals(OLD_MACHINE)) {
      return new MigrationOptions(StreamDialect.PC_0_12, false, false, CLEAR_BITMAP_SHIFT, true);
    }
    if (machineType.equals(MachineType.RELAY)) {
      return new MigrationOptions(
          StreamDialect.MODERN.inGivenOrder(), true, true, CLEAR_BITMAP_SHIFT, true);
    }
    int version = version(machineType);
    boolean framed = version >= 204;
    StreamDialect dialect =
        StreamDialect.MODERN
            .withConfiguration(framed)
            .withFooters(framed)
            .withVmDescription(version >= 203 && !suppressVmDescription);
    return new MigrationOptions(dialect, framed, version >= 300, CLEAR_BITMAP_SHIFT, true);
  }

  /** 204 for 2.4; machines without a version are as new as can be. */
  private static int version(String machineType) {
    Matcher matcher = VERSIONED.matcher(machineType);
    return matcher.matches()
        ? Integer.parseInt(matcher.group(1)) * 100 + Integer.parseInt(matcher.group(2))
        : Integer.MAX_VALUE;
  }

  /**
   * Applies {@code -global migration.X=Y}, those of parameters and capabilities to {@code values}.
   */
  public MigrationOptions with(List<GlobalProperty> globals, MigrationParameters values)
      throws OptionException {
    MigrationOptions result = this;
    for (GlobalProperty global : globals) {
      if (global.driver().equals("migration")) {
        try {
          result = result.with(global.property(), global.value(), values);
        } catch (OptionException e) {
          throw new OptionException(
              "can't apply global migration."
                  + global.property()
                  + "="
                  + global.value()
                  + ": "
                  + e.getMessage());
        }
      }
    }
    return result;
  }

  private MigrationOptions with(String property, String value, MigrationParameters values)
      throws OptionException {
    return switch (property) {
      case "send-configuration" ->
          with(dialect.withConfiguration(Booleans.parameter(property, value)));
      case "send-section-footer" -> with(dialect.withFooters(Booleans.parameter(property, value)));
      case "store-global-state" ->
          new MigrationOptions(
              dialect,
              Booleans.parameter(property, value),
              decompressErrorCheck,
              clearBitmapShift,
              splice);
      case "decompress-error-check" ->
          new MigrationOptions(
              dialect,
              storeGlobalState,
              Booleans.parameter(property, value),
              clearBitmapShift,
              splice);
      case "x-splice" ->
          new MigrationOptions(
              dialect,
              storeGlobalState,
              decompressErrorCheck,
              clearBitmapShift,
              Booleans.parameter(property, value));
      default -> {
        setValue(property, value, values);
        yield this;
      }
    };
  }

  MigrationOptions withBlockSections(boolean on) {
    return with(dialect.withBlockSections(on));
  }

  MigrationOptions withSplice(boolean on) {
    return new MigrationOptions(
        dialect, storeGlobalState, decompressErrorCheck, clearBitmapShift, on);
  }

  private MigrationOptions with(StreamDialect changed) {
    return new MigrationOptions(
        changed, storeGlobalState, decompressErrorCheck, clearBitmapShift, splice);
  }

  private static void setValue(String property, String value, MigrationParameters values)
      throws OptionException {
    String bare = property.startsWith("x-") ? property.substring(2) : "";
    Optional<MigrationCapability> capability =
        MigrationCapability.named(bare).or(() -> MigrationCapability.named(property));
    if (capability.isPresent() && property.startsWith("x-")) {
      values.switchCapabilities(Map.of(capability.get(), Booleans.parameter(property, value)));
      return;
    }
    String name = PLAIN_PARAMETERS.contains(property) ? property : bare;
    MigrationParameter parameter =
        MigrationParameter.named(name)
            .orElseThrow(
                () -> new OptionException("Property 'migration." + property + "' not found"));
    values.set(parameter, parameter.parse(value));
  }
}
