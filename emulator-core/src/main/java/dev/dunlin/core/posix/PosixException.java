package dev.dunlin.core.posix;

import java.io.IOException;

/** A system call failed: which one, on what, and with which errno. */
public final class PosixException extends IOException {
  private static final long serialVersionUID = 1;

  private final String call;
  private final int errno;

  public PosixException(String call, String detail, int errno) {
    super(call + (detail.isEmpty() ? "" : " " + detail) + ": " + Errno.describe(errno));
    this.call = call;
    this.errno = errno;
  }

  public String call() {
    return call;
  }

  public int errno() {
    return errno;
  }

  /** strerror(3)'s text, as QEMU's messages end with: {@code No such file or directory}. */
  public String errorText() {
    return Errno.describe(errno);
  }
}
