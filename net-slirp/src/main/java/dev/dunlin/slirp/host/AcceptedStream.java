package dev.dunlin.slirp.host;

import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.tcp.TcpHost;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the host accepted, from before anybody hears of it: the engine wants the stream
 * first and gives the listener then. Events come from the loop, so none is missed between.
 */
public final class AcceptedStream {
  private final Relay relay = new Relay();
  private final HostStream stream;

  private AcceptedStream(HostLoop host, DirectSocket connection) {
    stream = HostStream.accepted(host, connection, relay);
  }

  public static AcceptedStream of(HostLoop host, DirectSocket connection) {
    return new AcceptedStream(host, connection);
  }

  public TcpHost host() {
    return stream;
  }

  /** Who hears of it from now on. */
  public void listenFor(TcpHost.Listener listener) {
    relay.next = listener;
  }

  private static final class Relay implements TcpHost.Listener {
    private TcpHost.@Nullable Listener next;

    private TcpHost.Listener next() {
      TcpHost.Listener hearer = next;
      if (hearer == null) {
        throw new IllegalStateException("an event before anybody hears");
      }
      return hearer;
    }

    @Override
    public void connected(long now) {
      next().connected(now);
    }

    @Override
    public void failed(HostFailure failure, long now) {
      next().failed(failure, now);
    }

    @Override
    public void readable(long now) {
      next().readable(now);
    }

    @Override
    public void writable(long now) {
      next().writable(now);
    }

    @Override
    public void ended(long now) {
      next().ended(now);
    }

    @Override
    public void reset(long now) {
      next().reset(now);
    }
  }
}
