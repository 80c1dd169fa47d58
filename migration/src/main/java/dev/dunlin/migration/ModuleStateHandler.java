package dev.dunlin.migration;

import dev.dunlin.core.ModuleState;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.migration.vmstate.SaveStateHandler;
import dev.dunlin.migration.vmstate.StateException;
import java.util.Optional;

/** The state of another module of the emulator as a section of the stream. */
final class ModuleStateHandler implements SaveStateHandler {
  private final ModuleState state;

  ModuleStateHandler(ModuleState state) {
    this.state = state;
  }

  @Override
  public String idstr() {
    return state.name();
  }

  @Override
  public int version() {
    return state.version();
  }

  @Override
  public byte[] save() {
    return saveIfAny().orElse(new byte[0]);
  }

  @Override
  public Optional<byte[]> saveIfAny() {
    return state.save();
  }

  @Override
  public Runnable load(byte[] saved, int version) throws StateException {
    try {
      return state.load(saved, version);
    } catch (ModuleStateException e) {
      throw new StateException(String.valueOf(e.getMessage()));
    }
  }
}
