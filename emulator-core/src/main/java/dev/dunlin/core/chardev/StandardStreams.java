package dev.dunlin.core.chardev;

import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.OpenFile;
import dev.dunlin.core.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;

/**
 * Descriptors 0 and 1 for the loop, which must never block on them. Pipes and terminals are opened
 * a second time, so that O_NONBLOCK is ours alone; regular files don't block and must keep their
 * offset; for all else (sockets) the flag is set on what we share and put back at the end.
 */
final class StandardStreams {
  private final FdPort port;
  private final Shared in;
  private final Shared out;

  /** A descriptor, and whether its shared O_NONBLOCK was set by us. */
  private record Shared(int number, Fd fd, boolean flagged) {}

  private StandardStreams(Shared in, Shared out) {
    this.in = in;
    this.out = out;
    this.port = new FdPort(in.fd(), out.fd());
  }

  static StandardStreams open() throws PosixException {
    Shared in = open(0, false);
    try {
      return new StandardStreams(in, open(1, true));
    } catch (PosixException e) {
      in.fd().close();
      throw e;
    }
  }

  /** Owns what it was made of; to be closed before {@link #putBack}. */
  FdPort port() {
    return port;
  }

  void putBack() {
    putBack(in);
    putBack(out);
  }

  private static Shared open(int number, boolean forWriting) throws PosixException {
    if (Files.isRegularFile(Path.of("/proc/self/fd/" + number))) {
      return new Shared(number, duplicate(number), false);
    }
    var own = OpenFile.again(number, forWriting);
    if (own.isPresent()) {
      return new Shared(number, own.get(), false);
    }
    Fd copy = duplicate(number);
    boolean flag = !copy.isNonBlocking();
    copy.setNonBlocking(true);
    return new Shared(number, copy, flag);
  }

  private static Fd duplicate(int number) throws PosixException {
    try (Fd original = Fd.borrowing(number)) {
      return original.duplicate();
    }
  }

  private static void putBack(Shared shared) {
    if (shared.flagged()) {
      try (Fd original = Fd.borrowing(shared.number())) {
        original.setNonBlocking(false);
      } catch (IOException e) {
        LogManager.getLogger(StandardStreams.class).debug("flags not put back", e);
      }
    }
  }
}
