package dev.dunlin.slirp;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.slirp.tcp.TcpConnector;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What answers a port of the virtual network from inside this process: an embedder's own code. It
 * is named to {@link UserNetModule#guestServer} and bound by {@code -netdev
 * user,guestfwd=tcp:10.0.2.100:80-handler:NAME}.
 *
 * <pre>{@code
 * GuestServer metadata = new GuestServer();
 * UserNetModule users = new UserNetModule().guestServer("metadata", metadata);
 * ...
 * GuestConnection guest;
 * while ((guest = metadata.accept()) != null) { ... }
 * }</pre>
 *
 * <p>Nothing here blocks, throws for what a guest does, or calls back, but for the two wake-ups
 * that are asked for. Bound: {@link #MOST_CONNECTIONS} connections at a time, of all networks that
 * it is bound to; the next one is refused. {@link #accept} and the connections it gives are for one
 * thread at a time, whichever that is; all else is for any thread.
 */
public final class GuestServer {
  /** Each holds at most twice {@link GuestConnection#CAPACITY} bytes. */
  public static final int MOST_CONNECTIONS = 256;

  private final Queue<GuestConnection> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger open = new AtomicInteger();
  private volatile Runnable wake = () -> {};
  private volatile boolean closed;

  /** The next connection that a guest made, or null when none waits. */
  public @Nullable GuestConnection accept() {
    return arrived.poll();
  }

  /**
   * Runs {@code hook} when a connection comes, on the thread of its network: it may hand the news
   * on and nothing else, and must not block.
   */
  @CanIgnoreReturnValue
  public GuestServer onConnect(Runnable hook) {
    wake = hook;
    return this;
  }

  /** Refuses guests from now on, and breaks the connections that nobody has taken. */
  public void close() {
    closed = true;
    GuestConnection waiting;
    while ((waiting = arrived.poll()) != null) {
      waiting.reset();
    }
  }

  /** For one network: its connections live on {@code thread} and in its protocols' time. */
  TcpConnector connector(String network, NetThread thread, LongSupplier time) {
    return (guest, guestPort, destination, port, listener, now) -> {
      if (closed || !takePlace()) {
        return Optional.empty();
      }
      listener.connected(now);
      GuestConnection connection =
          new GuestConnection(
              network, new InetSocketAddress(guest.toInetAddress(), guestPort), thread, time);
      return Optional.of(connection.host(this, listener));
    };
  }

  private boolean takePlace() {
    if (open.incrementAndGet() <= MOST_CONNECTIONS) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  /** The guest's ACK came. On the network's thread. */
  void arrived(GuestConnection connection) {
    arrived.add(connection);
    if (closed) {
      close();
    } else {
      wake.run();
    }
  }

  /** A connection is over. On the network's thread. */
  void departed() {
    open.decrementAndGet();
  }
}
