package dev.dunlin.core;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.child.Children;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.ram.GuestRam;

/**
 * One emulator as its modules see it. Accessors may be called from any thread; what they return
 * says its own.
 */
public interface Emulator {

  /** What {@code -name} gave, or empty. */
  String vmName();

  /** The machine type as the stream's configuration section names it: {@code pc-i440fx-7.2}. */
  String machineType();

  MainLoop loop();

  Clock clock();

  GuestRam ram();

  /** Run state and the guest CPU. */
  RunControl run();

  /** Spawner, reaper and the list behind {@code info children}. */
  Children children();

  /** Commands and events of both monitors. */
  MonitorRegistry monitor();

  /**
   * Its character devices: those of {@code -chardev}, and what other options open. Loop thread; the
   * emulator closes them after the modules.
   */
  default Chardevs chardevs() {
    throw new UnsupportedOperationException("an emulator without character devices");
  }

  /** Descriptors received by {@code getfd}. */
  FdStore fds();

  /** Network cards that the embedding VMM emulates. */
  default ImmutableList<NicPort> cards() {
    return ImmutableList.of();
  }

  /** What the modules take along when the machine is saved. */
  default ImmutableList<ModuleState> moduleStates() {
    return ImmutableList.of();
  }

  /** Ends the emulator with this exit status, after stopping every module; any thread. */
  void quit(int exitStatus);
}
