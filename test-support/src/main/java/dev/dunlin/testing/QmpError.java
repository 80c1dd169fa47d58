package dev.dunlin.testing;

/** An error answer of a machine monitor. */
public final class QmpError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String errorClass;

  QmpError(String errorClass, String description) {
    super(description);
    this.errorClass = errorClass;
  }

  public String errorClass() {
    return errorClass;
  }
}
