package dev.dunlin.migration.channel;

import dev.dunlin.core.child.Children;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.SocketName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;
import java.util.function.Function;

/** Opens the sending end of an address. Migration thread: connecting may take its time. */
public final class OutgoingOpener {
  /** sun_path less its terminating zero (unix(7)). */
  private static final int MAX_UNIX_PATH = 107;

  private final Children children;
  private final MainLoop loop;

  public OutgoingOpener(Children children, MainLoop loop) {
    this.children = children;
    this.loop = loop;
  }

  /**
   * Opens everything but {@code fd:}, whose descriptor belongs to the monitor's thread: see {@link
   * #overDescriptor}.
   */
  public OutgoingChannel open(ChannelUri uri, AbortSignal abort) throws IOException {
    if (uri instanceof ChannelUri.Exec exec) {
      return ExecOutgoing.start(exec.command(), children, loop, abort);
    }
    if (uri instanceof ChannelUri.Unix unix) {
      return unix(unix.path(), abort);
    }
    if (uri instanceof ChannelUri.Tcp tcp) {
      return tcp(tcp, abort);
    }
    if (uri instanceof ChannelUri.File file) {
      return file(file, abort);
    }
    throw new IllegalArgumentException(uri + " is opened on the loop thread");
  }

  /** One more connection to where a stream goes; only sockets can be had more than once. */
  public static SocketOutgoing openSocket(ChannelUri uri, AbortSignal abort) throws IOException {
    if (uri instanceof ChannelUri.Unix unix) {
      return unix(unix.path(), abort);
    }
    if (uri instanceof ChannelUri.Tcp tcp) {
      return tcp(tcp, abort);
    }
    throw new ChannelException("multifd is not supported by current protocol");
  }

  /** {@code fd:NAME}: the descriptor that {@code take} finds under the name. */
  public static Fd descriptor(ChannelUri.Descriptor uri, Function<String, OptionalInt> take)
      throws ChannelException {
    OptionalInt fd = take.apply(uri.name());
    if (fd.isEmpty()) {
      throw new ChannelException("File descriptor named '" + uri.name() + "' has not been found");
    }
    return Fd.owning(fd.getAsInt());
  }

  /** Sends to a descriptor, which is taken over. */
  public static OutgoingChannel overDescriptor(Fd fd, AbortSignal abort) throws ChannelException {
    return DescriptorOutgoing.over(fd, abort);
  }

  private static SocketOutgoing unix(String path, AbortSignal abort) throws IOException {
    checkUnixPath(path);
    return SocketOutgoing.connect(new SocketName.Unix(path), path, abort);
  }

  static void checkUnixPath(String path) throws ChannelException {
    if (path.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_UNIX_PATH) {
      throw new ChannelException("UNIX socket path '" + path + "' is too long");
    }
  }

  private static SocketOutgoing tcp(ChannelUri.Tcp uri, AbortSignal abort) throws IOException {
    String name = uri.host() + ":" + uri.port();
    ChannelException last = new ChannelException("Failed to connect to '" + name + "'");
    for (InetSocketAddress address : TcpAddresses.remote(uri, abort)) {
      try {
        return SocketOutgoing.connect(
            new SocketName.Inet(address.getAddress(), address.getPort()), name, abort);
      } catch (ChannelException e) {
        last = e;
      }
    }
    throw last;
  }

  /** What the file holds before the offset stays; what it held after goes. */
  private static OutgoingChannel file(ChannelUri.File uri, AbortSignal abort) throws IOException {
    try {
      FileChannel file =
          FileChannel.open(
              Path.of(uri.path()), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      file.truncate(uri.offset()).position(uri.offset());
      return new NioOutgoing(file, "file", abort);
    } catch (IOException | IllegalArgumentException e) {
      throw new ChannelException("Unable to open " + uri.path() + ": " + why(e), e);
    }
  }

  static String why(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "Permission denied";
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getReason();
    }
    return String.valueOf(e.getMessage());
  }
}
