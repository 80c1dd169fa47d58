package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A machine that knows its own sections and takes no others. */
final class MachineReceiver implements StreamReceiver {
  private final StreamDialect dialect;
  private final Configuration own;
  private final ImmutableList<SectionLoader> loaders;
  private final Consumer<String> warnings;

  MachineReceiver(
      StreamDialect dialect,
      Configuration own,
      List<? extends SectionLoader> loaders,
      Consumer<String> warnings) {
    this.dialect = dialect;
    this.own = own;
    this.loaders = ImmutableList.copyOf(loaders);
    this.warnings = warnings;
  }

  @Override
  public Optional<StreamDialect> expected() {
    return Optional.of(dialect);
  }

  @Override
  public void configuration(Configuration received) throws LoadException {
    received.check(own, warnings);
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
