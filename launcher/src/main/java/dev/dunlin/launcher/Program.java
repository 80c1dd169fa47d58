package dev.dunlin.launcher;

import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.machine.Machine;
import java.util.Optional;

/** An emulator, the machine whose memory it has, and the file that names its process. */
record Program(DefaultEmulator emulator, Machine machine, Optional<PidFile> pidFile)
    implements AutoCloseable {
  @Override
  public void close() {
    machine.close();
    pidFile.ifPresent(PidFile::close);
  }
}
