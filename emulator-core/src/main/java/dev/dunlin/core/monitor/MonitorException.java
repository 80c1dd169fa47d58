package dev.dunlin.core.monitor;

/**
 * A command that can't be carried out: QMP error class and description in QEMU's wording. HMP shows
 * it as {@code Error: DESC}.
 */
public final class MonitorException extends Exception {
  private static final long serialVersionUID = 1;

  private final String errorClass;

  /** A GenericError. */
  public MonitorException(String description) {
    this("GenericError", description);
  }

  public MonitorException(String errorClass, String description) {
    super(description);
    this.errorClass = errorClass;
  }

  public String errorClass() {
    return errorClass;
  }
}
