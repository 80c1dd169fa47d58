package dev.dunlin.core.run;

/** A command that the present run state doesn't allow, in QEMU's words. */
public final class RunException extends Exception {
  private static final long serialVersionUID = 1;

  public RunException(String message) {
    super(message);
  }
}
