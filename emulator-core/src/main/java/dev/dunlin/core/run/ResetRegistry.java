package dev.dunlin.core.run;

import java.util.ArrayList;
import java.util.List;

/**
 * What a reset of the machine does: ROMs go back into RAM, the embedding VMM's devices begin anew.
 * Loop thread.
 */
public final class ResetRegistry {
  private final List<Runnable> hooks = new ArrayList<>();

  /** Adds a hook; hooks run in the order in which they were added, with every CPU paused. */
  public void add(Runnable hook) {
    hooks.add(hook);
  }

  public void remove(Runnable hook) {
    hooks.remove(hook);
  }

  void runAll() {
    List.copyOf(hooks).forEach(Runnable::run);
  }
}
