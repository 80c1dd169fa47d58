package dev.dunlin.core.posix;

import dev.dunlin.core.loop.FdEvents;
import java.net.InetAddress;
import java.util.Optional;

/**
 * The two ends of one TCP connection over 127.0.0.1, for a child that insists on an inet socket:
 * smbd asks for its peer's address and ends when that isn't one, as with socketpair(2).
 *
 * <p>Another user of this host may connect to the listener while it exists; whoever isn't our own
 * end is turned away, so nobody else ever holds one of the two.
 *
 * @param ours non-blocking
 * @param theirs blocking, as a program expects its standard input
 */
public record LoopbackPair(StreamSocket ours, StreamSocket theirs) implements AutoCloseable {
  /** Strangers that may come before our own end does; there is no reason for even one. */
  private static final int MOST_STRANGERS = 64;

  private static final long PATIENCE_NANOS = 1_000_000_000L;

  /** Connects the two; over loopback that waits for nobody. */
  public static LoopbackPair open() throws PosixException {
    try (StreamSocket listener = StreamSocket.open(SocketName.AF_INET)) {
      listener.bind(new SocketName.Inet(InetAddress.getLoopbackAddress(), 0));
      listener.listen(MOST_STRANGERS);
      StreamSocket ours = StreamSocket.open(SocketName.AF_INET);
      try {
        ours.connect(listener.localName());
        return finish(ours, acceptOwn(listener, ours.localName()));
      } catch (PosixException e) {
        ours.close();
        throw e;
      }
    }
  }

  private static LoopbackPair finish(StreamSocket ours, StreamSocket theirs) throws PosixException {
    try {
      ours.setNoDelay(true);
      theirs.setNoDelay(true);
      theirs.fd().setNonBlocking(false);
      return new LoopbackPair(ours, theirs);
    } catch (PosixException e) {
      theirs.close();
      throw e;
    }
  }

  private static StreamSocket acceptOwn(StreamSocket listener, SocketName own)
      throws PosixException {
    for (int i = 0; i <= MOST_STRANGERS; i++) {
      if (!listener.fd().await(FdEvents.READ, PATIENCE_NANOS)) {
        break;
      }
      Optional<StreamSocket> accepted = listener.accept();
      if (accepted.isPresent()) {
        if (isFrom(accepted.get(), own)) {
          return accepted.get();
        }
        accepted.get().close();
      }
    }
    throw new PosixException("accept4", "our own connection over loopback", Errno.ETIMEDOUT);
  }

  private static boolean isFrom(StreamSocket socket, SocketName own) {
    try {
      return socket.peerName().equals(own);
    } catch (PosixException gone) {
      return false;
    }
  }

  /** Closes both ends. */
  @Override
  public void close() {
    ours.close();
    theirs.close();
  }
}
