package dev.dunlin.launcher;

import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.machine.Machine;
import dev.dunlin.core.run.RunState;

/**
 * The last module to start: firmware goes into RAM and the guest runs, unless {@code -S} holds it.
 * When a migration is to come in, both are left to that.
 */
final class GuestStart implements EmulatorModule {
  private final Machine machine;

  GuestStart(Machine machine) {
    this.machine = machine;
  }

  @Override
  public String name() {
    return "guest";
  }

  @Override
  public void start(Emulator emulator) {
    if (emulator.run().state() == RunState.INMIGRATE) {
      return;
    }
    machine.reset();
    if (emulator.run().autostart()) {
      emulator.run().start();
    }
  }
}
