package dev.dunlin.migration.channel;

import java.io.Closeable;
import java.io.IOException;
import org.apache.logging.log4j.LogManager;

/** Closing where there is nobody left to tell. */
final class Quietly {
  private Quietly() {}

  static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      LogManager.getLogger(Quietly.class).debug("close failed", e);
    }
  }
}
