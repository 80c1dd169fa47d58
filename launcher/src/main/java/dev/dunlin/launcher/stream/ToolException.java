package dev.dunlin.launcher.stream;

/** The tool can't do what was asked: one sentence for the user, and the exit status. */
final class ToolException extends Exception {
  private static final long serialVersionUID = 1;

  /** A verified stream is bad, or two compared streams differ. */
  static final int NO = 1;

  /** Anything that keeps the tool from answering. */
  static final int TROUBLE = 2;

  private final int status;

  private ToolException(int status, String message) {
    super(message);
    this.status = status;
  }

  static ToolException trouble(String message) {
    return new ToolException(TROUBLE, message);
  }

  static ToolException no(String message) {
    return new ToolException(NO, message);
  }

  int status() {
    return status;
  }
}
