package dev.dunlin.core;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.child.ReapedChildren;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.run.VmRunControl;
import dev.dunlin.ram.GuestRam;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.LogManager;

/**
 * An emulator that {@link EmulatorBuilder} put together, and its life: {@link #runUntilQuit} starts
 * the modules in order, turns the loop until somebody {@link #quit quits}, stops the modules in
 * reverse and closes what the builder made. The calling thread is the loop thread.
 */
public final class DefaultEmulator implements Emulator {
  private final Parts parts;
  private final ImmutableList<EmulatorModule> modules;
  private final Deque<EmulatorModule> started = new ArrayDeque<>();
  private final AtomicReference<Integer> exitStatus = new AtomicReference<>();

  private final String vmName;
  private final String machineType;

  DefaultEmulator(
      String vmName, String machineType, Parts parts, ImmutableList<EmulatorModule> modules) {
    this.vmName = vmName;
    this.machineType = machineType;
    this.parts = parts;
    this.modules = modules;
  }

  /** What an emulator consists of. */
  record Parts(
      EventLoop loop,
      GuestRam ram,
      VmRunControl run,
      ReapedChildren children,
      MonitorCore monitor,
      FdStore fds,
      Chardevs chardevs,
      ImmutableList<NicPort> cards) {

    /** In reverse order of need: children are collected on the loop. */
    void close() {
      chardevs.close();
      children.close();
      loop.close();
    }
  }

  /**
   * Runs to the end and returns the exit status. A module that can't start (its address is taken,
   * say) ends it before the loop turns: those started are stopped again and its sentence is thrown.
   */
  public int runUntilQuit() throws OptionException {
    parts.loop().adopt();
    try {
      startModules();
      parts.loop().run();
    } finally {
      stopModules();
      // What the modules' threads queued as they ended: descriptors to close, children to adopt.
      parts.loop().turn(0);
      parts.close();
    }
    Integer status = exitStatus.get();
    return status == null ? 0 : status;
  }

  @Override
  public void quit(int status) {
    exitStatus.compareAndSet(null, status);
    parts.loop().stop();
  }

  private void startModules() throws OptionException {
    for (EmulatorModule module : modules) {
      started.push(module);
      module.start(this);
    }
  }

  /** One that fails to stop keeps none of the others from it. */
  private void stopModules() {
    while (!started.isEmpty()) {
      EmulatorModule module = started.pop();
      try {
        module.stop();
      } catch (RuntimeException e) {
        LogManager.getLogger(DefaultEmulator.class)
            .error("module {} didn't stop cleanly", module.name(), e);
      }
    }
  }

  @Override
  public String vmName() {
    return vmName;
  }

  @Override
  public String machineType() {
    return machineType;
  }

  @Override
  public EventLoop loop() {
    return parts.loop();
  }

  @Override
  public Clock clock() {
    return parts.loop().clock();
  }

  @Override
  public GuestRam ram() {
    return parts.ram();
  }

  @Override
  public VmRunControl run() {
    return parts.run();
  }

  @Override
  public ReapedChildren children() {
    return parts.children();
  }

  @Override
  public MonitorCore monitor() {
    return parts.monitor();
  }

  @Override
  public Chardevs chardevs() {
    return parts.chardevs();
  }

  @Override
  public FdStore fds() {
    return parts.fds();
  }

  @Override
  public ImmutableList<ModuleState> moduleStates() {
    return modules.stream()
        .flatMap(module -> module.states().stream())
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public ImmutableList<NicPort> cards() {
    return parts.cards();
  }
}
