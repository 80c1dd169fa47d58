package dev.dunlin.migration.relay;

import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.SavevmWriter;
import dev.dunlin.migration.stream.StreamDialect;
import java.io.IOException;
import java.util.Optional;

/**
 * All of a guest but its RAM, as it came. Immutable.
 *
 * @param configuration empty for the streams of old machines, which have none
 * @param ramSection the id that {@code ram} had
 */
public record HeldGuest(
    Optional<Configuration> configuration,
    boolean footers,
    int ramSection,
    DeviceSections devices) {

  /** The form of the stream that it came in. */
  public StreamDialect dialect() {
    return StreamDialect.MODERN
        .withConfiguration(configuration.isPresent())
        .withFooters(footers)
        .withVmDescription(devices.description().isPresent())
        .withRamSection(ramSection)
        .inGivenOrder();
  }

  /** The machine that it belongs to: {@code pc-i440fx-7.2}; empty when the stream didn't say. */
  public String machineType() {
    return configuration.map(Configuration::machineType).orElse("");
  }

  public void saveHeader(SavevmWriter writer) throws IOException {
    writer.header(configuration.orElseGet(() -> Configuration.of("")));
  }

  /** Device sections and all that follows. */
  public void saveDevices(SavevmWriter writer) throws IOException {
    writer.finish(devices);
  }
}
