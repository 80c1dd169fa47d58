package dev.dunlin.core.net;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.ModuleState;
import dev.dunlin.core.cli.MachineOption;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.net.NetClient.Kind;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunControl;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.apache.logging.log4j.LogManager;

/**
 * The networks of an emulator: from options to running backends, and the monitor's commands for
 * them. Configured after the modules that contribute backend types.
 */
public final class NetworkModule implements EmulatorModule {
  private final ImmutableMap<String, NetBackendFactory> factories;
  private final Network network;
  private final NetworkStates states;
  private NetworkReader reader;
  private Optional<Cabling> cabling = Optional.empty();
  private Runnable forgetRunState = () -> {};

  public NetworkModule(Collection<NetBackendFactory> factories) {
    this(factories, new Random());
  }

  /**
   * @param random for the names of backends that have no id
   */
  public NetworkModule(Collection<NetBackendFactory> factories, RandomGenerator random) {
    this.factories = Maps.uniqueIndex(factories, NetBackendFactory::type);
    this.network = new Network(random);
    this.states = new NetworkStates(network);
    this.reader = new NetworkReader(network, this.factories, true);
    factories.forEach(factory -> factory.useDirectory(name -> network.netdev(name).isPresent()));
  }

  @Override
  public String name() {
    return "network";
  }

  @Override
  public ImmutableList<ModuleState> states() {
    return ImmutableList.of(states);
  }

  @Override
  public void configure(ParsedOptions options) throws OptionException {
    boolean machineHasCards = !MachineOption.read(options).type().equals("none");
    reader = new NetworkReader(network, factories, machineHasCards);
    reader.read(options);
  }

  /** {@inheritDoc} Waits for the backends: each opens its sockets before the machine runs. */
  @Override
  public void start(Emulator emulator) throws OptionException {
    Cabling cables = new Cabling(network, emulator.loop());
    cabling = Optional.of(cables);
    followRunState(emulator.run(), cables);
    Filters filters = new Filters(network, cables, emulator.clock());
    filters.register(emulator.monitor());
    NetworkCommands commands = new NetworkCommands(network, reader, cables, emulator.loop());
    commands.register(emulator.monitor(), ImmutableList.copyOf(factories.values()));
    List<String> settled = network.warnings();
    try {
      cables.plug(emulator.cards());
      cables.place();
      for (FilterSpec filter : reader.filters()) {
        filters.add(filter);
      }
      cables.update();
      for (NetClient client : network.backends()) {
        start(client);
      }
      // Now that they are open they know what they can take.
      cables.update();
    } catch (PosixException e) {
      stop();
      throw new OptionException("the network can't start: " + e.getMessage());
    } catch (OptionException e) {
      stop();
      throw e;
    }
    // The embedder's cards are the peers of what had none on the command line.
    settled.removeAll(network.warnings());
    reader.warnings().stream()
        .filter(warning -> !settled.contains(warning))
        .forEach(LogManager.getLogger(NetworkModule.class)::warn);
  }

  private void followRunState(RunControl run, Cabling cables) {
    RunControl.Listener listener = (from, to) -> cables.setGuestStopped(isStopped(run));
    run.addListener(listener);
    forgetRunState = () -> run.removeListener(listener);
    cables.setGuestStopped(isStopped(run));
  }

  /** Without a CPU nobody tells when the guest runs. */
  private static boolean isStopped(RunControl run) {
    return run.hasCpu() && !run.isRunning();
  }

  private void start(NetClient client) throws OptionException {
    NetBackend backend = ((Kind.Backend) client.kind()).backend();
    try {
      client.thread().orElseThrow().await(backend.start());
    } catch (CompletionException e) {
      if (e.getCause() instanceof OptionException mistake) {
        throw reader.located(client.name(), mistake);
      }
      throw e;
    }
  }

  @Override
  public void stop() {
    forgetRunState.run();
    cabling.ifPresent(Cabling::close);
    cabling = Optional.empty();
  }

  /** {@code info network}. Loop thread. */
  public String info() {
    return network.info();
  }

  /** What is connected to nothing, in QEMU's words. */
  public ImmutableList<String> warnings() {
    return ImmutableList.copyOf(reader.warnings());
  }
}
