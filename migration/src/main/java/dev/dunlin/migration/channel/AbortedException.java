package dev.dunlin.migration.channel;

import java.io.IOException;

/** The {@link AbortSignal} came while a channel was blocked, or before. */
public final class AbortedException extends IOException {
  private static final long serialVersionUID = 1;

  public AbortedException() {
    super("cancelled");
  }
}
