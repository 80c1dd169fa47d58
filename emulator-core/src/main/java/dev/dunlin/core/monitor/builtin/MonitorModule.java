package dev.dunlin.core.monitor.builtin;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.chardev.ChardevSpec;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.hmp.HmpInterpreter;
import dev.dunlin.core.monitor.hmp.HmpSession;
import dev.dunlin.core.monitor.qmp.QmpSession;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.run.RunCommands;
import dev.dunlin.core.run.RunEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;

/**
 * The monitors of an emulator: the commands that every emulator has, and what {@code -monitor},
 * {@code -qmp}, {@code -qmp-pretty}, {@code -mon} and {@code -chardev} ask for. To be the first of
 * the modules: others add their commands to its registry, and a client that a server waits for must
 * come before the guest runs.
 */
public final class MonitorModule implements EmulatorModule {
  private static final UUID NO_UUID = new UUID(0, 0);

  private final VersionInfo version;
  private final Consumer<String> notices;
  private final List<AutoCloseable> sessions = new ArrayList<>();
  private MonitorPlan plan = new MonitorPlan(ImmutableList.of(), ImmutableList.of());
  private UUID uuid = NO_UUID;
  private boolean noReboot;
  private boolean noShutdown;

  /** For embedders, who read notices in the log. */
  public MonitorModule(String version) {
    this(version, text -> LogManager.getLogger(MonitorModule.class).info(text));
  }

  /**
   * @param version Dunlin's, for greetings
   * @param notices lines for the user that are no errors, such as whom a server waits for
   */
  public MonitorModule(String version, Consumer<String> notices) {
    this.version = new VersionInfo(version);
    this.notices = notices;
  }

  @Override
  public String name() {
    return "monitor";
  }

  @Override
  public void configure(ParsedOptions options) throws OptionException {
    plan = MonitorPlan.read(options);
    uuid = options.last("uuid").map(UUID::fromString).orElse(NO_UUID);
    noReboot = options.has("no-reboot");
    noShutdown = options.has("no-shutdown");
  }

  @Override
  public void start(Emulator emulator) throws OptionException {
    checkState(
        emulator.monitor() instanceof MonitorCore, "the registry isn't one that sessions can use");
    MonitorCore monitor = (MonitorCore) emulator.monitor();
    HmpInterpreter interpreter = new HmpInterpreter(monitor, emulator.loop());
    Chardevs chardevs = emulator.chardevs();
    chardevs.tellNotices(notices);
    RunCommands commands = runCommands(emulator);
    registerCommands(emulator, monitor, interpreter, chardevs, commands);
    List<CompletableFuture<Void>> awaited = openDevices(chardevs);
    for (MonitorPlan.Monitor each : plan.monitors()) {
      startSession(each, chardevs, monitor, interpreter);
    }
    awaited.forEach(emulator.run()::holdStart);
  }

  @Override
  public void stop() {
    for (AutoCloseable session : sessions) {
      try {
        session.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    sessions.clear();
  }

  private void registerCommands(
      Emulator emulator,
      MonitorCore monitor,
      HmpInterpreter interpreter,
      Chardevs chardevs,
      RunCommands commands) {
    new HelpCommands(monitor).register();
    new ProtocolCommands(monitor, interpreter, emulator.loop()).register();
    new GuestCommands(emulator.run(), commands, monitor, () -> emulator.quit(0)).register();
    new InfoCommands(version, emulator.vmName(), uuid).register(monitor);
    new MemoryCommands(emulator.loop(), emulator.ram()).register(monitor);
    new FdCommands(emulator.fds()).register(monitor);
    new ChardevCommands(chardevs).register(monitor);
    sessions.add(() -> emulator.fds().takeAll().forEach(fd -> Fd.owning(fd).close()));
  }

  private RunCommands runCommands(Emulator emulator) {
    MonitorRegistry monitor = emulator.monitor();
    RunEvents events =
        new RunEvents() {
          @Override
          public void shutdown(boolean byGuest, String reason) {
            monitor.emit("SHUTDOWN", ImmutableMap.of("guest", byGuest, "reason", reason));
          }
        };
    return new RunCommands(emulator.run(), events, noReboot, noShutdown, () -> emulator.quit(0));
  }

  /** Opens them in order; returns the arrivals of first clients that servers wait for. */
  private List<CompletableFuture<Void>> openDevices(Chardevs chardevs) throws OptionException {
    List<CompletableFuture<Void>> awaited = new ArrayList<>();
    for (MonitorPlan.Device each : plan.devices()) {
      Chardev device = each.option().read(text -> chardevs.add(each.id(), each.spec()));
      if (each.spec() instanceof ChardevSpec.Socket socket && socket.waits()) {
        notices.accept(
            each.option().written()
                + ": info: QEMU waiting for connection on: "
                + device.filename());
        awaited.add(device.ready().toCompletableFuture());
      }
    }
    return awaited;
  }

  private void startSession(
      MonitorPlan.Monitor each,
      Chardevs chardevs,
      MonitorCore monitor,
      HmpInterpreter interpreter) {
    Chardev device = chardevs.find(each.device()).orElseThrow();
    sessions.add(
        each.mode() == MonitorPlan.Mode.HUMAN
            ? new HmpSession(device, interpreter, version.dunlin())
            : new QmpSession(
                device, monitor, version.qmp(), each.mode() == MonitorPlan.Mode.MACHINE_PRETTY));
  }
}
