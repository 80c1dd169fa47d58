package dev.dunlin.slirp.host;

import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The file of a unix socket, which outlives a listener that was killed. */
final class UnixSocketFile {
  private static final int MODE_TYPE = 0170000;
  private static final int MODE_SOCKET = 0140000;

  private UnixSocketFile() {}

  /** Removes the socket file of a listener that is gone; never one that still answers. */
  static void removeStale(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS) || !isSocket(path)) {
      return;
    }
    SocketName name = new SocketName.Unix(path.toString());
    try (StreamSocket probe = StreamSocket.open(name.family())) {
      probe.connect(name);
    } catch (PosixException e) {
      if (e.errno() == Errno.ECONNREFUSED) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    return mode instanceof Integer bits && (bits & MODE_TYPE) == MODE_SOCKET;
  }
}
