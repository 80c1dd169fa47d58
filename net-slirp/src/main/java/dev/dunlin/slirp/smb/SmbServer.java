package dev.dunlin.slirp.smb;

import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.slirp.host.ChildWords;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Shares being served: one helper process a connection of the guest. Loop thread. */
public interface SmbServer extends AutoCloseable {

  /**
   * The helper for one connection, which it expects as its fds 0 and 1.
   *
   * @throws IOException when there can't be one: the service has ended
   */
  SpawnRequest helper() throws IOException;

  /** A helper was started; what it needs on disk stays until {@link Connection#ended}. */
  Connection started(int pid) throws IOException;

  /** Whether a helper that ended so did what it should; another end is worth a warning. */
  boolean isOrderly(ExitStatus status);

  /** What is wrong with what helpers need: a sentence for the log; empty as a rule. */
  Optional<String> trouble();

  /** Reads the standard error of one helper. */
  ChildWords words();

  /**
   * Some servers need one helper that serves no guest, beside the others and before them: what
   * tells whether it has come so far that others can start. Else empty.
   */
  Optional<BooleanSupplier> companion();

  /** Ends the service; what is on disk goes when the last helper has ended. Idempotent. */
  @Override
  void close();

  /** One helper that runs. */
  @FunctionalInterface
  interface Connection {
    /** It has ended. Once. */
    void ended();
  }
}
