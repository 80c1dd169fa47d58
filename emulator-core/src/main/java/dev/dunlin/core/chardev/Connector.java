package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.time.Duration;

/** Connects a client, waiting no longer than a user would who has just started the program. */
final class Connector {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Connector() {}

  /** A connected socket to the first address that answers. */
  static StreamSocket connect(Address address) throws OptionException {
    ImmutableList<SocketName> names = Endpoints.resolve(address, false);
    for (int i = 0; ; i++) {
      try {
        return connect(names.get(i));
      } catch (PosixException e) {
        if (i + 1 == names.size()) {
          throw new OptionException(
              "Failed to connect to '" + Endpoints.describe(address) + "': " + e.errorText());
        }
      }
    }
  }

  /** Begins to connect to the first address, for a loop that waits by itself. */
  static StreamSocket begin(SocketName name) throws PosixException {
    StreamSocket socket = StreamSocket.open(name.family());
    try {
      socket.connect(name);
      return socket;
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  private static StreamSocket connect(SocketName name) throws PosixException {
    StreamSocket socket = begin(name);
    try {
      if (!socket.fd().await(FdEvents.WRITE, PATIENCE.toNanos())) {
        throw new PosixException("connect", name.toString(), Errno.ETIMEDOUT);
      }
      socket.finishConnect();
      return socket;
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }
}
