package dev.dunlin.bench;

import java.nio.file.Path;

/** The other end of one migration. */
interface Receiver extends AutoCloseable {
  /** Where to migrate to. */
  String uri();

  @Override
  void close();

  /** Opens one. */
  @FunctionalInterface
  interface Opener {
    /**
     * @param directory for a socket
     * @param mib the machine's memory
     */
    Receiver open(Path directory, int mib);
  }

  /** A command, which the sender itself starts. */
  static Receiver command(String command) {
    return new Receiver() {
      @Override
      public String uri() {
        return "exec:" + command;
      }

      @Override
      public void close() {
        // The sender waits for it.
      }
    };
  }
}
