package dev.dunlin.core;

/** A module's refusal of a saved state; one sentence for the user. */
public final class ModuleStateException extends Exception {
  private static final long serialVersionUID = 1;

  public ModuleStateException(String message) {
    super(message);
  }
}
