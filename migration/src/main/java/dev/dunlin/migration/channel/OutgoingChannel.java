package dev.dunlin.migration.channel;

import dev.dunlin.migration.stream.StreamOutput.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The sending end. Migration thread only; see the package for who may interrupt it. */
public interface OutgoingChannel extends ByteSink, AutoCloseable {

  /** Takes every byte, waiting as long as it must. */
  @Override
  void write(ByteBuffer bytes) throws IOException;

  /**
   * Sends nothing for so long. The abort signal ends this early, and so does the other side's going
   * where that shows.
   */
  void rest(long nanos) throws IOException;

  /** Ends the stream; returns only when the other side has got it. Call it once. */
  void finish() throws IOException;

  /**
   * Bytes taken that the other side is known not to have yet; 0 where there is no way to know. They
   * may be counted with the kernel's own overhead.
   */
  default long backlog() throws IOException {
    return 0;
  }

  /** Where pages may be sent by reference; empty where they can't be or it doesn't pay. */
  default Optional<ReferenceSink> byReference() {
    return Optional.empty();
  }

  /** Where pages can be sent from where they lie; empty where they have to be put together. */
  default Optional<GatheringSink> gathering() {
    return Optional.empty();
  }

  /** Lets everything go, at once and without a word. Idempotent; after {@link #finish} harmless. */
  @Override
  void close();
}
