package dev.dunlin.migration.vmstate;

/** A device's refusal to be saved or loaded; one sentence for the user. */
public final class StateException extends Exception {
  private static final long serialVersionUID = 1;

  public StateException(String message) {
    super(message);
  }

  /** The same, with what was being done. */
  StateException within(String what) {
    return new StateException(what + ": " + getMessage());
  }
}
