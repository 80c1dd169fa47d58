package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.tcp.TcpConnector;
import dev.dunlin.slirp.tcp.TcpHost;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A child process as the host's side of a connection. It begins at the guest's ACK, so that a flood
 * of SYNs starts nothing. One that can't be started, or that doesn't end as it should, breaks the
 * connection: the guest sees a reset where a plain end would say that all is well.
 */
public final class ChildHost implements TcpHost {
  /** How long a stream's end waits for the child's own, which says how it is meant. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final HostLoop host;
  private final TcpHost.Listener listener;
  private @Nullable HostStream stream;
  private boolean wanted;
  private boolean outputShut;
  private boolean over;
  private boolean streamEnded;
  private Fate fate = Fate.RUNNING;
  private @Nullable LoopTimer waiting;

  private enum Fate {
    RUNNING,
    WELL,
    BADLY
  }

  private final Starting starting;

  /** What begins at the guest's ACK. */
  private interface Starting {
    void begin(ChildHost child);
  }

  private ChildHost(HostLoop host, TcpHost.Listener listener, Starting starting) {
    this.host = host;
    this.listener = listener;
    this.starting = starting;
  }

  /** A connector that starts one child a connection. */
  public static TcpConnector connector(HostLoop host, ChildStarter starter, ChildPlan plan) {
    return (guest, guestPort, destination, port, listener, now) -> {
      GuestFlow flow = new GuestFlow(guest, guestPort, destination, port);
      Starting starting = child -> starter.start(plan, flow, host.loop(), child.new Outcome());
      listener.connected(now);
      return Optional.of(new ChildHost(host, listener, starting));
    };
  }

  // ---- calls of the engine ----

  @Override
  public void established(long now) {
    starting.begin(this);
  }

  @Override
  public int write(ByteBuffer data, long now) {
    HostStream open = stream;
    return open == null ? 0 : open.write(data, now);
  }

  @Override
  public int read(ByteBuffer into, long now) {
    HostStream open = stream;
    return open == null ? 0 : open.read(into, now);
  }

  @Override
  public void wantRead(boolean want) {
    wanted = want;
    HostStream open = stream;
    if (open != null) {
      open.wantRead(want);
    }
  }

  @Override
  public void shutdownOutput(long now) {
    outputShut = true;
    HostStream open = stream;
    if (open != null) {
      open.shutdownOutput(now);
    }
  }

  @Override
  public void reset(long now) {
    finish(true, now);
  }

  @Override
  public void close(long now) {
    finish(false, now);
  }

  @Override
  public int descriptor() {
    HostStream open = stream;
    return open == null ? -1 : open.descriptor();
  }

  private void finish(boolean abortive, long now) {
    over = true;
    stopWaiting();
    HostStream open = stream;
    if (open == null) {
      return;
    }
    if (abortive) {
      open.reset(now);
    } else {
      open.close(now);
    }
  }

  // ---- the end of the stream, the end of the child ----

  private void streamEnded() {
    streamEnded = true;
    if (fate == Fate.RUNNING) {
      // It may go on without its output, and then never mean anything by it.
      waiting = host.loop().schedule(PATIENCE, () -> tellEnd(Fate.WELL));
    } else {
      tellEnd(fate);
    }
  }

  private void childEnded(boolean orderly) {
    fate = orderly ? Fate.WELL : Fate.BADLY;
    if (streamEnded && !over) {
      tellEnd(fate);
    }
  }

  private void tellEnd(Fate how) {
    stopWaiting();
    if (over) {
      return;
    }
    long now = host.now();
    if (how == Fate.BADLY) {
      finish(true, now);
      listener.reset(now);
    } else {
      listener.ended(now);
    }
  }

  private void stopWaiting() {
    LoopTimer timer = waiting;
    if (timer != null) {
      timer.cancel();
      waiting = null;
    }
  }

  /** What becomes of the child. */
  private final class Outcome implements ChildStarter.Outcome {
    @Override
    public void started(StreamSocket connection) {
      HostStream opened =
          HostStream.accepted(host, DirectSocket.adopt(connection), new FromStream());
      stream = opened;
      long now = host.now();
      if (over) {
        opened.reset(now);
        return;
      }
      opened.wantRead(wanted);
      listener.writable(now);
      if (outputShut && !over) {
        opened.shutdownOutput(now);
      }
    }

    @Override
    public void failed() {
      if (!over) {
        over = true;
        listener.reset(host.now());
      }
    }

    @Override
    public void ended(boolean orderly) {
      childEnded(orderly);
    }
  }

  /** What the child's connection says. */
  private final class FromStream implements TcpHost.Listener {
    @Override
    public void connected(long now) {}

    @Override
    public void failed(HostFailure failure, long now) {
      reset(now);
    }

    @Override
    public void readable(long now) {
      listener.readable(now);
    }

    @Override
    public void writable(long now) {
      listener.writable(now);
    }

    @Override
    public void ended(long now) {
      streamEnded();
    }

    @Override
    public void reset(long now) {
      if (!over) {
        over = true;
        stopWaiting();
        listener.reset(now);
      }
    }
  }
}
