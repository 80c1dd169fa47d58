package dev.dunlin.slirp.ip;

import java.io.IOException;

/** The host refused a socket for a reason that the guest can be told. */
public final class HostFailureException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient HostFailure failure;

  public HostFailureException(HostFailure failure, String message) {
    super(message);
    this.failure = failure;
  }

  public HostFailure failure() {
    return failure;
  }
}
