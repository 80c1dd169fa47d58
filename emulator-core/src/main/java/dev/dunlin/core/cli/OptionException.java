package dev.dunlin.core.cli;

/**
 * A user's mistake on the command line or in a monitor argument: one sentence, in QEMU's wording
 * where it has one.
 */
public final class OptionException extends Exception {
  private static final long serialVersionUID = 1;

  public OptionException(String message) {
    super(message);
  }
}
