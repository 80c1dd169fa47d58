package dev.dunlin.core.chardev;

import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.ChardevSpec.Unix;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.SocketName.Inet;
import dev.dunlin.core.posix.StreamSocket;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * A unix, TCP or telnet socket. What brings its connections (a {@link ServerLink} or {@link
 * ClientLink}) is asked for one when there is none; while one is there, others wait.
 */
final class SocketChardev extends AbstractChardev {
  private final MainLoop loop;
  private final ChardevSpec.Socket spec;
  private final Link link;
  private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
  private @Nullable SocketPort port;
  private Telnet telnet = new Telnet();
  private boolean closed;

  /** Brings connections. */
  interface Link extends AutoCloseable {

    /** Asks for one connection. */
    void next();

    /** Where this side is, for names. */
    Optional<SocketName> localName();

    @Override
    void close();
  }

  SocketChardev(String id, MainLoop loop, ChardevSpec.Socket spec, LinkMaker maker) {
    super(id);
    this.loop = loop;
    this.spec = spec;
    this.link = maker.make(this::accept);
    if (!spec.waits()) {
      ready.complete(null);
    }
    link.next();
  }

  /** Makes the link, which hands its connections to {@code taker}. */
  @FunctionalInterface
  interface LinkMaker {
    Link make(Taker taker);
  }

  /** Takes a connected socket, and charge of it. */
  @FunctionalInterface
  interface Taker {
    void take(StreamSocket socket);
  }

  @Override
  public CompletionStage<Void> ready() {
    return ready.thenApply(nothing -> nothing);
  }

  @Override
  public void write(byte[] bytes) {
    super.write(spec.telnet() ? Telnet.encode(bytes) : bytes);
  }

  @Override
  public void received(ByteBuffer bytes) {
    if (!spec.telnet()) {
      super.received(bytes);
      return;
    }
    ByteArrayOutputStream replies = new ByteArrayOutputStream();
    ByteBuffer data = telnet.decode(bytes, replies);
    // A peer that offers options without end and doesn't read gets no more answers.
    if (replies.size() > 0 && !isCongested()) {
      super.write(replies.toByteArray());
    }
    if (data.hasRemaining()) {
      super.received(data);
    }
  }

  @Override
  public void ended() {
    port = null;
    disconnected();
    if (!closed) {
      link.next();
    }
  }

  @Override
  public OptionalInt takeReceivedFd() {
    return port == null ? OptionalInt.empty() : port.takeReceivedFd();
  }

  @Override
  public boolean isOver() {
    return !spec.server() && spec.reconnect().isZero() && !isOpen();
  }

  @Override
  public OptionalInt listeningPort() {
    Optional<SocketName> name = spec.server() ? link.localName() : Optional.empty();
    return name.filter(Inet.class::isInstance)
        .map(inet -> OptionalInt.of(((Inet) inet).port()))
        .orElse(OptionalInt.empty());
  }

  @Override
  public String filename() {
    String scheme = isOpen() ? "" : "disconnected:";
    String role = spec.server() ? ",server=on" : "";
    String peer = isOpen() ? peer() : "";
    return scheme + local() + role + peer;
  }

  @Override
  public void close() {
    closed = true;
    port = null;
    closeStream();
    link.close();
  }

  private void accept(StreamSocket socket) {
    if (spec.noDelay() && spec.address() instanceof Tcp) {
      setNoDelay(socket);
    }
    port = new SocketPort(socket);
    telnet = new Telnet();
    ByteStream stream = new ByteStream(loop, port, this);
    if (spec.telnet() && spec.server()) {
      stream.write(Telnet.greeting());
    }
    ready.complete(null);
    connected(stream);
  }

  private void setNoDelay(StreamSocket socket) {
    try {
      socket.setNoDelay(true);
    } catch (PosixException e) {
      LogManager.getLogger(SocketChardev.class).debug("{}: {}", id(), e.getMessage());
    }
  }

  private String local() {
    if (spec.address() instanceof Unix unix) {
      return "unix:" + unix.path();
    }
    String protocol = spec.telnet() ? "telnet:" : "tcp:";
    if (spec.address() instanceof Passed passed) {
      return link.localName().map(name -> describe(name, protocol)).orElse("fd:" + passed.name());
    }
    // Port 0 became a real one when the socket was bound; clients are named after their server.
    return spec.server()
        ? link.localName().map(name -> describe(name, protocol)).orElse(protocol)
        : protocol + Endpoints.describe(spec.address());
  }

  private String peer() {
    try {
      return port != null && port.socket().peerName() instanceof Inet peer
          ? " <-> " + peer.host() + ":" + peer.port()
          : "";
    } catch (PosixException gone) {
      return "";
    }
  }

  private static String describe(SocketName name, String protocol) {
    if (name instanceof SocketName.Unix unix) {
      return "unix:" + unix.path();
    }
    return name instanceof Inet inet ? protocol + inet.host() + ":" + inet.port() : protocol;
  }
}
