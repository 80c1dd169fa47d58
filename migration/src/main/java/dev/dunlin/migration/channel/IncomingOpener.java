package dev.dunlin.migration.channel;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.child.Children;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Opens the receiving end of an address in two steps: {@link #listen} on the loop thread finds at
 * once what is wrong with the address, {@link Listener#accept} on the migration's thread waits for
 * the other side.
 */
public final class IncomingOpener {
  private static final int PIPE_BYTES = 1 << 20;

  /** A sender may make as many connections at once as multifd has channels, and one more. */
  private static final int QUEUE = 256;

  private final Children children;
  private final MainLoop loop;
  private final Function<String, OptionalInt> fds;

  /**
   * @param fds finds (and hands over) a descriptor that came over a monitor by its name
   */
  public IncomingOpener(Children children, MainLoop loop, Function<String, OptionalInt> fds) {
    this.children = children;
    this.loop = loop;
    this.fds = fds;
  }

  /** Something that will give a channel. */
  public interface Listener extends AutoCloseable {

    /** Waits for the other side. */
    IncomingChannel accept() throws IOException;

    /** Where it listens, for {@code info migrate}; empty for what doesn't listen. */
    default Optional<SocketName> address() {
      return Optional.empty();
    }

    @Override
    void close();
  }

  /** A listening socket as QMP describes it. */
  public sealed interface SocketName {
    record Inet(String host, int port) implements SocketName {}

    record Unix(String path) implements SocketName {}
  }

  public Listener listen(ChannelUri uri, AbortSignal abort) throws IOException {
    if (uri instanceof ChannelUri.Exec exec) {
      return ready(exec(exec.command(), abort));
    }
    if (uri instanceof ChannelUri.Descriptor fd) {
      return ready(descriptor(fd.name(), abort));
    }
    if (uri instanceof ChannelUri.File file) {
      return ready(file(file, abort));
    }
    if (uri instanceof ChannelUri.Unix unix) {
      return unix(unix.path(), abort);
    }
    return tcp((ChannelUri.Tcp) uri, abort);
  }

  private IncomingChannel exec(String command, AbortSignal abort) throws ChannelException {
    try (Pipe pipe = Pipe.open()) {
      pipe.resize(PIPE_BYTES);
      ExecChild child =
          ExecChild.start(
              children, loop, command, SpawnRequest.DEV_NULL, pipe.writeEnd().number(), abort);
      try {
        return new DescriptorIncoming(pipe.readEnd().duplicate(), Optional.of(child), abort);
      } catch (PosixException e) {
        child.close();
        throw e;
      }
    } catch (PosixException e) {
      throw new ChannelException("Unable to start command: " + e.errorText(), e);
    }
  }

  /** A number, as {@code -incoming fd:7} has it, or a name that {@code getfd} gave. */
  private IncomingChannel descriptor(String name, AbortSignal abort) throws ChannelException {
    Optional<Fd> named = fds.apply(name).stream().mapToObj(Fd::owning).findFirst();
    if (named.isPresent()) {
      return new DescriptorIncoming(named.get(), Optional.empty(), abort);
    }
    int number = number(name);
    // Not ours to close before it has proved to be what the user meant: the number could be any.
    Fd fd = Fd.borrowing(number);
    try {
      fd.isCloseOnExec();
    } catch (PosixException e) {
      throw new ChannelException("fd " + number + " is not open: " + e.errorText(), e);
    }
    return new DescriptorIncoming(fd, Optional.empty(), abort);
  }

  private static int number(String name) throws ChannelException {
    try {
      if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
        return Integer.parseInt(name);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ChannelException("Invalid file descriptor number '" + name + "'");
  }

  private static IncomingChannel file(ChannelUri.File uri, AbortSignal abort)
      throws ChannelException {
    try {
      FileChannel file = FileChannel.open(Path.of(uri.path()), StandardOpenOption.READ);
      return new NioIncoming(file.position(uri.offset()), abort);
    } catch (IOException | IllegalArgumentException e) {
      throw new ChannelException("Unable to open " + uri.path() + ": " + OutgoingOpener.why(e), e);
    }
  }

  /** A socket's file that is left from before is in the way, so it goes, as with QEMU. */
  private static Listener unix(String path, AbortSignal abort) throws IOException {
    OutgoingOpener.checkUnixPath(path);
    Path file = Path.of(path);
    if (isSocket(file)) {
      Files.deleteIfExists(file);
    }
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(file), QUEUE);
    } catch (IOException e) {
      Quietly.close(server);
      throw new ChannelException("Failed to bind socket to " + path + ": " + e.getMessage(), e);
    }
    return new SocketListener(server, new SocketName.Unix(path), abort) {
      @Override
      public void close() {
        super.close();
        Quietly.close(() -> Files.deleteIfExists(file));
      }
    };
  }

  private static boolean isSocket(Path file) throws IOException {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && Files.readAttributes(
                file, java.nio.file.attribute.BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .isOther();
  }

  private static Listener tcp(ChannelUri.Tcp uri, AbortSignal abort) throws IOException {
    ImmutableList<InetSocketAddress> addresses = TcpAddresses.local(uri, abort);
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(addresses.get(0), QUEUE);
    } catch (IOException e) {
      Quietly.close(server);
      String why = String.valueOf(e.getMessage());
      throw new ChannelException(
          why.equals("Address already in use")
              ? "Failed to find an available port: " + why
              : "Failed to bind socket: " + why,
          e);
    }
    InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
    return new SocketListener(
        server, new SocketName.Inet(bound.getAddress().getHostAddress(), bound.getPort()), abort);
  }

  private static Listener ready(IncomingChannel channel) {
    return new Listener() {
      @Override
      public IncomingChannel accept() {
        return channel;
      }

      @Override
      public void close() {
        channel.close();
      }
    };
  }

  /** Takes the first connection and no other. */
  private static class SocketListener implements Listener {
    private final ServerSocketChannel server;
    private final SocketName name;
    private final AbortSignal abort;

    SocketListener(ServerSocketChannel server, SocketName name, AbortSignal abort) {
      this.server = server;
      this.name = name;
      this.abort = abort;
      abort.onTrigger(() -> Quietly.close(server));
    }

    @Override
    public IncomingChannel accept() throws IOException {
      try {
        SocketChannel socket = server.accept();
        return new NioIncoming(socket, abort);
      } catch (ClosedChannelException e) {
        throw new AbortedException();
      }
    }

    @Override
    public Optional<SocketName> address() {
      return Optional.of(name);
    }

    @Override
    public void close() {
      Quietly.close(server);
    }
  }
}
