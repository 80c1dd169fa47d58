package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.Endpoints;
import dev.dunlin.core.chardev.Listener;
import dev.dunlin.core.chardev.ServerLink;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.EventLoop.TurnEnd;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.LinkSocket;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * {@code -netdev stream}, and the streams of {@code -netdev socket}: frames over a byte stream to
 * one peer at a time. A server accepts the next client when the one before has left. As in QEMU, a
 * stream that finds no peer doesn't keep the machine from starting: {@code info network} says so,
 * and the log says why. A {@code socket} does.
 */
final class StreamLink implements NetBackend, StreamClient.Taker {
  private static final String ERROR = "connection error";

  private final String name;
  private final StreamSpec spec;
  private final LinkHost host;
  private final TurnEnd flush = this::flush;
  private volatile String info = "";
  private @Nullable NetThread thread;
  private @Nullable FrameStream stream;
  private @Nullable StreamClient client;
  private @Nullable ServerLink server;
  private boolean stopped;

  StreamLink(String name, StreamSpec spec, LinkHost host) {
    this.name = name;
    this.spec = spec;
    this.host = host;
  }

  @Override
  public String info() {
    return info;
  }

  @Override
  public void connectedTo(OptionalInt hub) {}

  @Override
  public void attach(NetThread home) {
    thread = home;
    stream = new FrameStream(home, this::ended);
  }

  @Override
  public FramePort input() {
    return stream()::send;
  }

  @Override
  public void connect(FramePort output, Offload receivers) {
    stream().connect(output);
  }

  @Override
  public Offload offload() {
    // A byte stream is no wire: a partial checksum costs nothing to fill in, frames go whole.
    return Offload.NONE;
  }

  @Override
  public ImmutableMap<String, Long> drops() {
    return stream().drops().nonZero();
  }

  private FrameStream stream() {
    return Objects.requireNonNull(stream, "not attached");
  }

  private NetThread thread() {
    return Objects.requireNonNull(thread, "not attached");
  }

  private long flush(long now) {
    stream().flush();
    return -1;
  }

  @Override
  public CompletionStage<Void> start() {
    if (spec.address() instanceof Passed passed) {
      return startPassed(passed);
    }
    if (!spec.server()) {
      return onThread(
          () -> {
            client = new StreamClient(thread(), spec.address(), spec.reconnect(), this);
            client.connect();
          });
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    NameLookup.of(spec.address(), true)
        .whenComplete((names, failure) -> thread().execute(() -> bound(names, failure, done)));
    return done;
  }

  private void bound(
      @Nullable ImmutableList<SocketName> names,
      @Nullable Throwable failure,
      CompletableFuture<Void> done) {
    try {
      if (stopped || names == null) {
        refused(failure == null ? "stopped" : String.valueOf(failure.getMessage()), done);
        return;
      }
      serve(Listener.open(names));
      done.complete(null);
    } catch (OptionException e) {
      refused(String.valueOf(e.getMessage()), done);
    }
  }

  private void refused(String reason, CompletableFuture<Void> done) {
    failed(reason);
    done.complete(null);
  }

  private CompletionStage<Void> startPassed(Passed passed) {
    Fd fd;
    try {
      fd = host.descriptor(passed.name());
    } catch (OptionException e) {
      return onThread(() -> failed(String.valueOf(e.getMessage())));
    }
    return onThread(
        () -> {
          try {
            take(fd);
          } catch (PosixException e) {
            failed("fd " + passed.name() + ": " + e.errorText());
          } catch (OptionException e) {
            failed(String.valueOf(e.getMessage()));
          }
        });
  }

  private void take(Fd fd) throws PosixException, OptionException {
    if (LinkSocket.kindOf(fd) != LinkSocket.Kind.STREAM) {
      throw new OptionException("fd " + fd.number() + " is not a stream socket");
    }
    StreamSocket socket = StreamSocket.adopt(fd);
    if (spec.server()) {
      serve(Listener.adopt(socket));
    } else {
      connected(socket, socket.peerName());
    }
  }

  private void serve(Listener listener) {
    server = new ServerLink(thread().loop(), listener, this::accepted);
    server.next();
  }

  private CompletionStage<Void> onThread(Runnable step) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread()
        .execute(
            () -> {
              step.run();
              done.complete(null);
            });
    return done;
  }

  private void accepted(StreamSocket socket) {
    try {
      SocketName peer = socket.peerName();
      // QEMU names a unix server's connection after the server: clients have no name.
      open(socket, peer instanceof SocketName.Unix ? socket.localName() : peer, true);
    } catch (PosixException gone) {
      socket.close();
      next();
    }
  }

  @Override
  public void connected(StreamSocket socket, SocketName peer) {
    open(socket, peer, false);
  }

  private void open(StreamSocket socket, SocketName peer, boolean accepted) {
    if (peer instanceof SocketName.Inet) {
      try {
        socket.setNoDelay(true);
      } catch (PosixException e) {
        LogManager.getLogger(StreamLink.class).debug("{}: {}", name, e.getMessage());
      }
    }
    stream().open(LinkSocket.of(socket));
    thread().turnEnds().addOutput(flush);
    info = words(peer, accepted);
    if (spec.words() == StreamSpec.Words.STREAM) {
      host.emit(
          "NETDEV_STREAM_CONNECTED",
          ImmutableMap.of("netdev-id", name, "addr", PeerNames.toQmp(peer)));
    }
  }

  private String words(SocketName peer, boolean accepted) {
    if (spec.words() == StreamSpec.Words.STREAM) {
      return PeerNames.uri(peer);
    }
    if (spec.address() instanceof Passed passed) {
      return "socket: fd=" + passed.name();
    }
    return "socket: " + (accepted ? "connection from " : "connect to ") + PeerNames.endpoint(peer);
  }

  @Override
  public void failed(String reason) {
    info = spec.words() == StreamSpec.Words.STREAM ? ERROR : "";
    LogManager.getLogger(StreamLink.class).warn("netdev {}: {}: {}", name, where(), reason);
  }

  private String where() {
    return spec.address() instanceof Tcp || !(spec.address() instanceof Passed)
        ? Endpoints.describe(spec.address())
        : "fd";
  }

  /** The connection has ended by itself. */
  private void ended(String reason) {
    thread().turnEnds().remove(flush);
    info = "";
    LogManager.getLogger(StreamLink.class).info("netdev {}: {}", name, reason);
    if (spec.words() == StreamSpec.Words.STREAM) {
      host.emit("NETDEV_STREAM_DISCONNECTED", ImmutableMap.of("netdev-id", name));
    }
    next();
  }

  private void next() {
    if (server != null) {
      server.next();
    }
    if (client != null) {
      client.again();
    }
  }

  @Override
  public CompletionStage<Void> stop() {
    return onThread(
        () -> {
          stopped = true;
          if (server != null) {
            server.close();
          }
          if (client != null) {
            client.close();
          }
          stream().flush();
          stream().close();
          thread().turnEnds().remove(flush);
          info = "";
        });
  }
}
