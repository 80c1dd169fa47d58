package dev.dunlin.core;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.child.ChildCommands;
import dev.dunlin.core.child.ReapedChildren;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.posix.EpollPoller;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.GuestCpu;
import dev.dunlin.core.run.VmRunControl;
import dev.dunlin.ram.GuestRam;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts an emulator together inside another program: the VMM's RAM, CPUs and clock, and the modules
 * it wants. The launcher uses nothing else.
 *
 * <pre>{@code
 * DefaultEmulator emulator =
 *     new EmulatorBuilder()
 *         .machine("my-board", ram)
 *         .cpu(port)
 *         .module(new MigrationModule())
 *         .arguments("-incoming", "defer")
 *         .build();
 * int status = emulator.runUntilQuit(); // on a thread of its own
 * }</pre>
 */
public final class EmulatorBuilder {
  private final List<EmulatorModule> modules = new ArrayList<>();
  private final List<GuestCpu> cpus = new ArrayList<>();
  private final List<NicPort> cards = new ArrayList<>();
  private Clock clock = Clock.system();
  private String name = "";
  private String machineType = "none";
  private @Nullable GuestRam ram;
  private boolean configured;

  /** What {@code info name} says. */
  @CanIgnoreReturnValue
  public EmulatorBuilder name(String vmName) {
    this.name = vmName;
    return this;
  }

  /**
   * The machine's memory, which stays the caller's to close, and its type as the stream's
   * configuration section names it.
   */
  @CanIgnoreReturnValue
  public EmulatorBuilder machine(String type, GuestRam memory) {
    this.machineType = type;
    this.ram = memory;
    return this;
  }

  /** Something that executes the guest; paused until the emulator runs. */
  @CanIgnoreReturnValue
  public EmulatorBuilder cpu(GuestCpu cpu) {
    cpus.add(cpu);
    return this;
  }

  /** A network card that the VMM emulates; the network module connects it. */
  @CanIgnoreReturnValue
  public EmulatorBuilder card(NicPort card) {
    cards.add(card);
    return this;
  }

  /** Time as the VMM has it; the host's otherwise. */
  @CanIgnoreReturnValue
  public EmulatorBuilder clock(Clock vmClock) {
    this.clock = vmClock;
    return this;
  }

  /**
   * Modules start in the order in which they are added and stop in reverse. One that is added after
   * {@link #configure} sees no options.
   */
  @CanIgnoreReturnValue
  public EmulatorBuilder module(EmulatorModule module) {
    modules.add(module);
    return this;
  }

  /** The options of all modules added so far. */
  public ImmutableList<OptionSpec> options() {
    return modules.stream()
        .flatMap(module -> module.options().stream())
        .collect(ImmutableList.toImmutableList());
  }

  /** Configures the modules by a command line of their own options. */
  @CanIgnoreReturnValue
  public EmulatorBuilder arguments(String... arguments) throws OptionException {
    return configure(OptionTable.of(options()).parse(ImmutableList.copyOf(arguments)));
  }

  /** Lets every module check its options; nothing is started. */
  @CanIgnoreReturnValue
  public EmulatorBuilder configure(ParsedOptions options) throws OptionException {
    for (EmulatorModule module : modules) {
      module.configure(options);
    }
    configured = true;
    return this;
  }

  /**
   * The emulator, not running yet. Only the calling thread may use what asserts the loop thread,
   * until {@link DefaultEmulator#runUntilQuit} is called there or on another.
   *
   * @throws PosixException when the process is out of descriptors
   */
  public DefaultEmulator build() throws OptionException, PosixException {
    GuestRam memory = ram;
    checkState(memory != null, "an emulator needs a machine");
    if (!configured) {
      configure(new ParsedOptions(ImmutableList.of()));
    }
    EventLoop loop = new EventLoop(clock, EpollPoller.open());
    MonitorCore monitor = new MonitorCore(loop);
    VmRunControl run = new VmRunControl(loop, new RunStateEvents(monitor));
    cpus.forEach(run::addCpu);
    ReapedChildren children = new ReapedChildren(loop);
    ChildCommands.register(monitor, children.table());
    FdStore fds = new FdStore();
    return new DefaultEmulator(
        name,
        machineType,
        new DefaultEmulator.Parts(
            loop,
            memory,
            run,
            children,
            monitor,
            fds,
            new Chardevs(loop, fds),
            ImmutableList.copyOf(cards)),
        ImmutableList.copyOf(modules));
  }
}
