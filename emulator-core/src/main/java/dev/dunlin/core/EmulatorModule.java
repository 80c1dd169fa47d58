package dev.dunlin.core;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.net.NetBackendFactory;

/**
 * What plugs into an emulator: options, monitor commands, network backends, save-state handlers.
 * The launcher finds modules with {@link java.util.ServiceLoader}; an embedder adds them to the
 * builder by hand.
 *
 * <p>Order: {@link #options} of all, then {@link #configure} of all (nothing is started, everything
 * a user got wrong is refused here), then {@link #start} of all on the loop thread, and {@link
 * #stop} in reverse order on the loop thread.
 */
public interface EmulatorModule {

  /** A short name for logs: {@code migration}. */
  String name();

  /** Options this module adds to the command line. */
  default ImmutableList<OptionSpec> options() {
    return ImmutableList.of();
  }

  /** Types of network backend this module adds to {@code -netdev}. */
  default ImmutableList<NetBackendFactory> netBackends() {
    return ImmutableList.of();
  }

  /** What it takes along when the machine is saved; the same for the module's whole life. */
  default ImmutableList<ModuleState> states() {
    return ImmutableList.of();
  }

  /** Reads and checks its options. Nothing may be opened, bound, spawned or written yet. */
  default void configure(ParsedOptions options) throws OptionException {}

  /** Registers commands and backends and starts what was configured; loop thread. */
  default void start(Emulator emulator) throws OptionException {}

  /** Ends everything it started; loop thread. Must leave no fd, thread, child or file behind. */
  default void stop() {}
}
