package dev.dunlin.migration.channel;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Backlog;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.FdWait;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code unix:} and {@code tcp:}. The stream has arrived when the other side has read every byte of
 * a unix socket, or the other host has acknowledged every byte of a TCP connection: more than that
 * a stream that goes one way can't tell. QEMU is content when its own kernel has the bytes.
 */
public final class SocketOutgoing implements OutgoingChannel {
  /** A full queue of a unix listener has no event to wait for (connect(2), EAGAIN). */
  private static final long BUSY_NANOS = 10_000_000;

  /**
   * A unix socket isn't writable before three quarters of its buffer are read (Linux
   * net/unix/af_unix.c), so with a small one the two ends take turns.
   */
  private static final int SEND_BUFFER = 1 << 20;

  private static final int PIPE_BYTES = 1 << 20;

  /** As much as a cache keeps, for several connections at once. */
  private static final int LITTLE = 208 << 10;

  private final StreamSocket socket;

  /**
   * A TCP connection over loopback is slower by reference: a packet holds 17 pieces of memory at
   * most, which is half of what it holds by copy, and every page has its header beside it.
   */
  private final boolean takesReferences;

  private final Backlog backlog;
  private final DescriptorWriter writer;

  /**
   * Pages go into it and at once on into the socket; opened by the first that goes by reference.
   */
  private @Nullable Pipe through;

  private SocketOutgoing(StreamSocket socket, boolean takesReferences, AbortSignal abort)
      throws PosixException {
    this.socket = socket;
    this.takesReferences = takesReferences;
    this.backlog = Backlog.of(socket.fd());
    this.writer = new DescriptorWriter(socket.fd(), "socket", abort);
  }

  /**
   * Waits for the connection.
   *
   * @param shown what the user called it
   */
  static SocketOutgoing connect(SocketName name, String shown, AbortSignal abort)
      throws IOException {
    StreamSocket socket = StreamSocket.open(name.family());
    try {
      if (!begin(socket, name, abort)) {
        FdWait.of(2)
            .set(0, socket.number(), FdEvents.WRITE)
            .set(1, abort.descriptor(), FdEvents.READ)
            .await(-1);
        abort.check();
        socket.finishConnect();
      }
      if (name instanceof SocketName.Inet) {
        socket.setNoDelay(true);
        return new SocketOutgoing(socket, false, abort);
      }
      socket.setSendBuffer(SEND_BUFFER);
      return new SocketOutgoing(socket, true, abort);
    } catch (PosixException e) {
      socket.close();
      throw new ChannelException("Failed to connect to '" + shown + "': " + e.errorText(), e);
    } catch (IOException | RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  /** False when connecting goes on until the socket is writable. */
  private static boolean begin(StreamSocket socket, SocketName name, AbortSignal abort)
      throws IOException {
    while (true) {
      abort.check();
      try {
        return socket.connect(name);
      } catch (PosixException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        abort.sleep(BUSY_NANOS);
      }
    }
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    writer.write(bytes);
  }

  /** Gathers and sends, waiting as long as it must, and empties the vectors. */
  public void write(IoVectors vectors) throws IOException {
    writer.write(vectors);
  }

  @Override
  public Optional<ReferenceSink> byReference() {
    return takesReferences ? Optional.of(this::splice) : Optional.empty();
  }

  private void splice(IoVectors vectors) throws IOException {
    if (through == null) {
      through = Pipe.open();
      through.resize(PIPE_BYTES);
    }
    writer.splice(vectors, through);
  }

  @Override
  public Optional<GatheringSink> gathering() {
    return Optional.of(writer::write);
  }

  @Override
  public void rest(long nanos) throws IOException {
    writer.rest(nanos);
  }

  @Override
  public long backlog() throws IOException {
    return backlog.bytes();
  }

  /**
   * Has the kernel hold little of what is on its way, where that takes no time: over TCP on one
   * host. There the kernel's own tuning lets it grow to megabytes for each of several connections,
   * and then a reader finds nothing in the cache any more. (The bandwidth of a wire needs those.)
   */
  public void holdLittle() throws PosixException {
    if (socket.localName() instanceof SocketName.Inet ours
        && socket.peerName() instanceof SocketName.Inet theirs
        && ours.address().equals(theirs.address())) {
      socket.setSendBuffer(LITTLE);
    }
  }

  /** Waits until the other side has got everything so far, as far as that shows. */
  public void drain() throws IOException {
    writer.drain(backlog);
  }

  @Override
  public void finish() throws IOException {
    drain();
    close();
  }

  @Override
  public void close() {
    if (through != null) {
      through.close();
    }
    socket.close();
  }
}
