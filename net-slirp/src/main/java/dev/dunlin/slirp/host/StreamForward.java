package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/** A TCP or unix listener of the host whose connections go to a port of the guest. */
final class StreamForward implements HostForward {
  /** Connections taken in one turn: other sockets of the network want theirs. */
  private static final int BATCH = 64;

  /** How many may wait; the kernel cuts it to net.core.somaxconn. */
  private static final int BACKLOG = 128;

  /** How long a listener rests when no connection can be taken (out of descriptors). */
  private static final Duration REST = Duration.ofMillis(100);

  private final HostLoop host;
  private final ForwardSink sink;
  private final HostEndpoint endpoint;
  private final IpAddr guest;
  private final int guestPort;
  private final DirectSocket listener;
  private final FdWatch watch;
  private final AtomicLong refused = new AtomicLong();
  private @Nullable LoopTimer resting;

  private StreamForward(
      HostLoop host,
      ForwardSink sink,
      HostEndpoint endpoint,
      IpAddr guest,
      int guestPort,
      DirectSocket listener) {
    this.host = host;
    this.sink = sink;
    this.endpoint = endpoint;
    this.guest = guest;
    this.guestPort = guestPort;
    this.listener = listener;
    this.watch = host.loop().watch(listener.number(), FdEvents.READ, events -> accept());
  }

  static StreamForward open(
      HostLoop host, ForwardSink sink, HostEndpoint wanted, IpAddr guest, int guestPort)
      throws IOException {
    if (wanted instanceof HostEndpoint.Unix unix) {
      UnixSocketFile.removeStale(unix.path());
    }
    SocketName name = nameOf(wanted);
    StreamSocket socket = StreamSocket.open(name.family());
    try {
      socket.bind(name);
      socket.listen(BACKLOG);
      HostEndpoint bound = bound(wanted, socket);
      return new StreamForward(host, sink, bound, guest, guestPort, DirectSocket.adopt(socket));
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static SocketName nameOf(HostEndpoint endpoint) {
    if (endpoint instanceof HostEndpoint.Unix unix) {
      return new SocketName.Unix(unix.path().toString());
    }
    InetSocketAddress address = ((HostEndpoint.Tcp) endpoint).address();
    return new SocketName.Inet(address.getAddress(), address.getPort());
  }

  private static HostEndpoint bound(HostEndpoint wanted, StreamSocket socket) throws IOException {
    return socket.localName() instanceof SocketName.Inet inet
        ? new HostEndpoint.Tcp(new InetSocketAddress(inet.address(), inet.port()))
        : wanted;
  }

  private void accept() {
    for (int i = 0; i < BATCH; i++) {
      DirectSocket connection = listener.accept();
      if (connection == null) {
        if (listener.errno() != Errno.EAGAIN) {
          rest();
        }
        return;
      }
      InetName name = connection.peerName();
      boolean inet = name.isInet();
      IpAddr peer = inet ? IpAddr.of(name.hi(), name.lo()) : IpAddr.LOOPBACK_V4;
      if (!sink.connection(connection, this, peer, inet ? name.port() : 0)) {
        refused.incrementAndGet();
        // RST and not FIN: nobody was there.
        connection.reset();
      }
    }
  }

  /** A listener that fails stays readable: without a rest the loop would spin. */
  private void rest() {
    LogManager.getLogger(StreamForward.class)
        .warn("host forward {}: {}", this, Errno.describe(listener.errno()));
    watch.setInterest(FdEvents.NONE);
    resting = host.loop().schedule(REST, () -> watch.setInterest(FdEvents.READ));
  }

  @Override
  public void close() {
    LoopTimer timer = resting;
    if (timer != null) {
      timer.cancel();
    }
    watch.close();
    listener.close();
    if (endpoint instanceof HostEndpoint.Unix unix) {
      removeFile(unix.path());
    }
  }

  private static void removeFile(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LogManager.getLogger(StreamForward.class).warn("removing {} failed: {}", path, e.toString());
    }
  }

  @Override
  public HostEndpoint endpoint() {
    return endpoint;
  }

  @Override
  public IpAddr guest() {
    return guest;
  }

  @Override
  public int guestPort() {
    return guestPort;
  }

  @Override
  public long refused() {
    return refused.get();
  }

  @Override
  public int descriptor() {
    return listener.number();
  }

  @Override
  public String toString() {
    return endpoint + " to " + guest + ":" + guestPort;
  }
}
