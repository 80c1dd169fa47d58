package dev.dunlin.migration.channel;

import java.io.IOException;

/** A channel that can't be opened or broke; the message is what a user reads. */
public class ChannelException extends IOException {
  private static final long serialVersionUID = 1;

  public ChannelException(String message) {
    super(message);
  }

  public ChannelException(String message, Throwable cause) {
    super(message, cause);
  }
}
