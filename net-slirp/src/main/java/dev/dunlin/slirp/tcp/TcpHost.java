package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.ip.HostFailure;
import java.nio.ByteBuffer;

/**
 * One byte stream of the host's, connecting or connected: a socket, or a service inside the
 * process. Every call and every event is on the network's loop. Nothing blocks.
 */
public interface TcpHost {
  /**
   * The guest's half stands too: its ACK came. Before any {@link #write}. A host whose beginning
   * costs something (a guest forward's command) begins here, where no flood of SYNs gets it.
   */
  default void established(long now) {}

  /**
   * Takes as many of the remaining bytes as there is room for and says how many. After a short
   * count the engine offers no more until {@link Listener#writable}.
   */
  int write(ByteBuffer data, long now);

  /**
   * Puts bytes into {@code into} at its position, as {@code recv} does, and says how many; 0 when
   * there are none now. What follows the last one is told by {@link Listener#ended} or {@link
   * Listener#reset}, also from within this call.
   */
  int read(ByteBuffer into, long now);

  /**
   * Whether the last {@link #read} took the last there is: the end needn't be waited for. When it
   * says yes, it isn't told by {@link Listener#ended} any more.
   */
  default boolean takeEnd() {
    return false;
  }

  /** Whether {@link Listener#readable} is welcome; no before the first call. */
  void wantRead(boolean wanted);

  /** The guest sends no more: {@code shutdown(SHUT_WR)}. */
  void shutdownOutput(long now);

  /**
   * Ends at once and abortively, so that the peer sees a reset too ({@code SO_LINGER} 0). No event
   * comes after it.
   */
  void reset(long now);

  /** Ends after both directions did. No event comes after it. */
  void close(long now);

  /** The descriptor behind it, as {@code info usernet} shows it; -1 for none. */
  default int descriptor() {
    return -1;
  }

  /** The engine's end. Each may be called from within any call of the engine's. */
  interface Listener {
    /** The other side accepted. Once, before any other event but {@link #failed}. */
    void connected(long now);

    /** It didn't; the stream is closed already. */
    void failed(HostFailure failure, long now);

    /**
     * There is something to read; repeated each turn of the loop while there is and it's wanted.
     */
    void readable(long now);

    /** There is room again after a short write. */
    void writable(long now);

    /** End of stream: everything was read. */
    void ended(long now);

    /** The connection broke; the stream is closed already. */
    void reset(long now);
  }
}
