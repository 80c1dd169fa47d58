package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.util.Optional;

/** A listening socket and, for a unix one, its file. */
public final class Listener implements AutoCloseable {
  private final StreamSocket socket;
  private final Optional<SocketFile> file;

  private Listener(StreamSocket socket, Optional<SocketFile> file) {
    this.socket = socket;
    this.file = file;
  }

  /** Binds the first address that can be bound, and listens. */
  public static Listener open(Address address) throws OptionException {
    return open(Endpoints.resolve(address, true));
  }

  /** Binds the first name that can be bound, and listens. */
  public static Listener open(ImmutableList<SocketName> names) throws OptionException {
    for (int i = 0; ; i++) {
      SocketName name = names.get(i);
      try {
        return open(name);
      } catch (PosixException e) {
        if (i + 1 == names.size()) {
          throw new OptionException(words(name, e));
        }
      }
    }
  }

  /** Takes charge of a socket that was bound elsewhere. */
  public static Listener adopt(StreamSocket socket) throws OptionException {
    try {
      if (!socket.isListening()) {
        socket.listen(1);
      }
    } catch (PosixException e) {
      socket.close();
      throw new OptionException("Failed to listen on fd socket: " + e.errorText());
    }
    return new Listener(socket, Optional.empty());
  }

  public StreamSocket socket() {
    return socket;
  }

  @Override
  public void close() {
    socket.close();
    file.ifPresent(SocketFile::remove);
  }

  private static Listener open(SocketName name) throws PosixException, OptionException {
    if (name instanceof SocketName.Unix unix) {
      SocketFile.removeStale(unix.path());
    }
    StreamSocket socket = StreamSocket.open(name.family());
    try {
      socket.bind(name);
      Optional<SocketFile> file =
          name instanceof SocketName.Unix unix
              ? Optional.of(SocketFile.bound(unix.path()))
              : Optional.empty();
      // One is served, one may wait: QEMU's backlog for character devices.
      socket.listen(1);
      return new Listener(socket, file);
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  private static String words(SocketName name, PosixException e) {
    if (name instanceof SocketName.Unix unix) {
      return "Failed to bind socket to " + unix.path() + ": " + e.errorText();
    }
    return (e.errno() == Errno.EADDRINUSE
            ? "Failed to find an available port: "
            : "Failed to bind socket: ")
        + e.errorText();
  }
}
