package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TcpService}'s session as the host's stream of a connection. What the service writes
 * waits here until the engine reads it. Bound: {@link #MOST_QUEUED} bytes.
 */
public final class TcpServiceHost implements TcpHost {
  /** A little more than a receive window: sixteen of the longest DNS answers fit. */
  public static final int MOST_QUEUED = 17 * 65_537;

  private final ByteRing queue = new ByteRing(MOST_QUEUED);
  private final TcpHost.Listener listener;
  private TcpService.@Nullable Session session;
  private boolean closing;
  private boolean endTold;
  private boolean over;

  private final TcpService service;
  private final IpAddr guest;
  private final int guestPort;

  private TcpServiceHost(
      TcpService service, IpAddr guest, int guestPort, TcpHost.Listener listener) {
    this.service = service;
    this.guest = guest;
    this.guestPort = guestPort;
    this.listener = listener;
  }

  /** A connector for the service, to be bound to its address and port. */
  public static TcpConnector connector(TcpService service) {
    return (guest, guestPort, destination, port, listener, now) -> {
      listener.connected(now);
      return Optional.of(new TcpServiceHost(service, guest, guestPort, listener));
    };
  }

  /** The session begins with the guest's ACK, as libslirp begins a guest forward's command. */
  @Override
  public void established(long now) {
    TcpService.Session opened = service.open(new Answers(), guest, guestPort, now);
    session = opened;
    if (over) {
      opened.closed(now); // it reset the connection from within open
    }
  }

  private TcpService.Session session() {
    TcpService.Session open = session;
    if (open == null) {
      throw new IllegalStateException("a service's stream before its session");
    }
    return open;
  }

  // ---- the engine's side ----

  @Override
  public int write(ByteBuffer data, long now) {
    return over ? 0 : session().receive(data, now);
  }

  @Override
  public int read(ByteBuffer into, long now) {
    int count = queue.take(into);
    if (count > 0 && !closing && !over) {
      session().drained(now);
    }
    tellEnd(now);
    return count;
  }

  private void tellEnd(long now) {
    if (closing && queue.length() == 0 && !endTold && !over) {
      endTold = true;
      listener.ended(now);
    }
  }

  @Override
  public void wantRead(boolean want) {
    // Readiness is told once, when bytes come, and the engine remembers it.
  }

  @Override
  public void shutdownOutput(long now) {
    if (!over) {
      session().end(now);
    }
  }

  @Override
  public void reset(long now) {
    finish(now);
  }

  @Override
  public void close(long now) {
    finish(now);
  }

  private void finish(long now) {
    if (!over) {
      over = true;
      queue.clear();
      TcpService.Session open = session;
      if (open != null) {
        open.closed(now);
      }
    }
  }

  // ---- the service's side ----

  private final class Answers implements TcpService.Stream {
    @Override
    public int room() {
      return over || closing ? 0 : queue.room();
    }

    @Override
    public int write(ByteBuffer bytes, long now) {
      int taken = room() == 0 ? 0 : queue.put(bytes);
      // There is no loop that would notice: the engine reads now, or when its window opens.
      if (taken > 0) {
        listener.readable(now);
      }
      return taken;
    }

    @Override
    public void resume(long now) {
      if (!over) {
        listener.writable(now);
      }
    }

    @Override
    public void close(long now) {
      closing = true;
      tellEnd(now);
    }

    @Override
    public void reset(long now) {
      if (!over) {
        finish(now);
        listener.reset(now);
      }
    }
  }
}
