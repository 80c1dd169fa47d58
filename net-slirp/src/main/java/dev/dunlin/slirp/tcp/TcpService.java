package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;

/**
 * A server inside the process that a guest connects to: the name server's TCP side, a guest forward
 * to an embedder's own code. {@link TcpServiceHost#connector} makes a connector of it.
 */
@FunctionalInterface
public interface TcpService {
  /** A guest connected: its ACK came. On the loop; {@code stream} may be used at once. */
  Session open(Stream stream, IpAddr guest, int guestPort, long now);

  /** The service's end of one connection. Called on the loop; must not block. */
  interface Session {
    /**
     * Takes bytes from the guest and says how many; what it leaves is offered again after {@link
     * Stream#resume}.
     */
    int receive(ByteBuffer bytes, long now);

    /** The guest sends no more. */
    void end(long now);

    /** The guest took bytes: {@link Stream#room} has grown. */
    default void drained(long now) {}

    /** The connection is over, cleanly or not. No call comes after it. */
    void closed(long now);
  }

  /** The guest's end of one connection. On the loop. */
  interface Stream {
    /** Bytes that {@link #write} would take now; bounded. */
    int room();

    /** Takes as many of the remaining bytes as there is room for and says how many. */
    int write(ByteBuffer bytes, long now);

    /** {@link Session#receive} left bytes and wants them now. */
    void resume(long now);

    /** Everything was written; the guest still may send. */
    void close(long now);

    /** Breaks the connection: the guest sees a reset. */
    void reset(long now);
  }
}
