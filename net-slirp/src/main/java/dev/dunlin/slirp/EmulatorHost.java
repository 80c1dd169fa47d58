package dev.dunlin.slirp;

import dev.dunlin.core.Emulator;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.slirp.host.ChildStarter;

/** What user networks use of the emulator that they are in. On its loop, but for the children. */
record EmulatorHost(MainLoop loop, ChildStarter children, Chardevs chardevs, RunControl run) {

  static EmulatorHost of(Emulator emulator) {
    return new EmulatorHost(
        emulator.loop(),
        new Helpers(emulator.loop(), emulator.children()),
        emulator.chardevs(),
        emulator.run());
  }
}
