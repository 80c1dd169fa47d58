package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A machine that knows its own sections and takes no others. */
final class MachineReceiver implements StreamReceiver {
  private final StreamDialect dialect;
  private final String machineType;
  private final ImmutableList<SectionLoader> loaders;
  private final Consumer<String> warnings;

  MachineReceiver(
      StreamDialect dialect,
      String machineType,
      List<? extends SectionLoader> loaders,
      Consumer<String> warnings) {
    this.dialect = dialect;
    this.machineType = machineType;
    this.loaders = ImmutableList.copyOf(loaders);
    this.warnings = warnings;
  }

  @Override
  public Optional<StreamDialect> expected() {
    return Optional.of(dialect);
  }

  @Override
  public void configuration(Configuration configuration) throws LoadException {
    if (configuration.ignoresShared()) {
      throw LoadException.invalid(
          "Capability %s is off, but received capability is on"
              .formatted(Configuration.IGNORE_SHARED));
    }
    String received = configuration.machineType();
    if (!received.equals(machineType)) {
      throw LoadException.invalid(
          "Machine type received is '" + received + "' and local is '" + machineType + "'");
    }
  }

  @Override
  public Optional<SectionLoader> loader(String idstr, int instance) {
    return loaders.stream()
        .filter(loader -> loader.idstr().equals(idstr) && loader.instance() == instance)
        .findFirst();
  }

  @Override
  public void warn(String line) {
    warnings.accept(line);
  }
}
