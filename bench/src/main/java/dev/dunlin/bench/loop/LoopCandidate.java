package dev.dunlin.bench.loop;

import dev.dunlin.core.posix.Fd;
import java.io.IOException;

/** A loop with its threads. Each job ends when the thing that it serves is closed or done. */
interface LoopCandidate extends AutoCloseable {
  String name();

  /**
   * Carries what is read from {@code frames} to a UDP port of the loopback, and answers back, until
   * {@link #endRelay}.
   */
  void beginRelay(Fd frames, int port) throws IOException;

  void endRelay() throws IOException;

  /** Connects to a port of the loopback and closes, so many times, so many at a time. */
  void connect(int port, int count, int atATime) throws IOException;

  /** Reads all of a TCP connection to a port of the loopback and writes it to a descriptor. */
  void pump(int port, Fd to, int frameBytes) throws IOException;

  /** Processor time that the loop's thread took so far. */
  long cpuNanos();

  /** Bytes of objects that the loop's thread made so far. */
  long allocatedBytes();

  @Override
  void close();
}
