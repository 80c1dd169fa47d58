package dev.dunlin.core.net.link;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.LinkSocket;
import dev.dunlin.core.posix.PosixException;

/** Sockets that the program was started with, or that came over a monitor. Loop thread. */
final class PassedSockets {
  private PassedSockets() {}

  /** The open descriptor, which is the caller's. */
  static Fd take(LinkHost host, String netdev, String text) throws OptionException {
    Fd fd = host.descriptor(text);
    try {
      fd.isCloseOnExec();
      return fd;
    } catch (PosixException e) {
      throw new OptionException(
          netdev + ": Can't use file descriptor " + fd.number() + ": " + e.errorText());
    }
  }

  /** Stream or datagram; QEMU's words for all else. */
  static LinkSocket.Kind kindOf(Fd fd) throws OptionException {
    try {
      return LinkSocket.kindOf(fd);
    } catch (PosixException e) {
      throw new OptionException("can't get socket option SO_TYPE");
    }
  }

  static void refuseUnless(LinkSocket.Kind wanted, Fd fd) throws OptionException {
    LinkSocket.Kind kind;
    try {
      kind = LinkSocket.kindOf(fd);
    } catch (PosixException e) {
      throw new OptionException("Unable to query local socket address: " + e.errorText());
    }
    if (kind != wanted) {
      throw new OptionException("fd " + fd.number() + " is not a datagram socket");
    }
  }
}
