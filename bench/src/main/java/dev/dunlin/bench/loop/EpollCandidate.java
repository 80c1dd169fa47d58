package dev.dunlin.bench.loop;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.EpollPoller;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.Transfer;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One thread: the product's own loop over everything. */
final class EpollCandidate implements LoopCandidate {
  private static final long LOOPBACK = 0xffff_7f00_0001L;

  private final EventLoop loop;
  private final Thread thread;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
  private @Nullable DirectSocket socket;
  private @Nullable FdWatch fromGuest;
  private @Nullable FdWatch fromHost;

  EpollCandidate() throws PosixException {
    loop = new EventLoop(Clock.system(), EpollPoller.open());
    thread = new Thread(loop::run, "epoll");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String name() {
    return "epoll";
  }

  @Override
  public void beginRelay(Fd frames, int port) {
    call(
        () -> {
          DirectSocket udp = DirectSocket.udp(loopback(port));
          socket = udp;
          udp.connect(loopback(port));
          fromGuest = loop.watch(frames.number(), FdEvents.READ, events -> fromGuest(frames, udp));
          fromHost = loop.watch(udp.number(), FdEvents.READ, events -> fromHost(udp, frames));
          return 0;
        });
  }

  private void fromGuest(Fd frames, DirectSocket udp) {
    try {
      frames.read(buffer.clear());
      udp.send(buffer.flip());
    } catch (PosixException e) {
      throw new IllegalStateException(e);
    }
  }

  private void fromHost(DirectSocket udp, Fd frames) {
    try {
      if (udp.receive(buffer.clear()) == Transfer.MOVED) {
        frames.write(buffer.flip());
      }
    } catch (PosixException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void endRelay() {
    call(
        () -> {
          if (fromGuest != null && fromHost != null && socket != null) {
            fromGuest.close();
            fromHost.close();
            socket.close();
          }
          return 0;
        });
  }

  @Override
  public void connect(int port, int count, int atATime) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    loop.execute(() -> new Connects(port, count, done).begin(atATime));
    done.join();
  }

  private final class Connects {
    private final InetName to;
    private final CompletableFuture<Integer> done;
    private int left;
    private int running;

    Connects(int port, int count, CompletableFuture<Integer> done) {
      this.to = loopback(port);
      this.left = count;
      this.done = done;
    }

    void begin(int atATime) {
      for (int i = 0; i < atATime; i++) {
        one();
      }
    }

    private void one() {
      if (left == 0) {
        if (running == 0) {
          done.complete(0);
        }
        return;
      }
      left--;
      running++;
      try {
        DirectSocket tcp = DirectSocket.tcp(to);
        tcp.connect(to);
        FdWatch[] watch = new FdWatch[1];
        watch[0] =
            loop.watch(
                tcp.number(),
                FdEvents.WRITE,
                events -> {
                  if (tcp.takeError() != 0) {
                    throw new IllegalStateException("refused");
                  }
                  watch[0].close();
                  tcp.reset();
                  running--;
                  one();
                });
      } catch (PosixException e) {
        done.completeExceptionally(e);
      }
    }
  }

  @Override
  public void pump(int port, Fd to, int frameBytes) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    call(
        () -> {
          DirectSocket tcp = DirectSocket.tcp(loopback(port));
          tcp.connect(loopback(port));
          FdWatch[] watch = new FdWatch[1];
          watch[0] =
              loop.watch(
                  tcp.number(),
                  FdEvents.READ,
                  events -> {
                    if (move(tcp, to, frameBytes)) {
                      watch[0].close();
                      tcp.close();
                      done.complete(0);
                    }
                  });
          return 0;
        });
    done.join();
  }

  /** At most 64 KiB a turn, as a fair loop does. True at the end. */
  private boolean move(DirectSocket tcp, Fd to, int frameBytes) {
    try {
      for (int moved = 0; moved < 65_536; moved += frameBytes) {
        Transfer outcome = tcp.receive(buffer.clear().limit(frameBytes));
        if (outcome != Transfer.MOVED) {
          return outcome != Transfer.WOULD_BLOCK;
        }
        buffer.flip();
        while (buffer.hasRemaining() && !(to.write(buffer) instanceof IoOutcome.WouldBlock)) {
          // /dev/null takes all
        }
      }
      return false;
    } catch (PosixException e) {
      throw new IllegalStateException(e);
    }
  }

  private static InetName loopback(int port) {
    return new InetName().set(0, LOOPBACK, port);
  }

  private void call(Callable<Integer> task) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            done.complete(task.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    done.join();
  }

  @Override
  public long cpuNanos() {
    return ThreadCost.cpuNanosOf(thread);
  }

  @Override
  public long allocatedBytes() {
    return ThreadCost.allocatedBytesOf(thread);
  }

  @Override
  public void close() {
    loop.stop();
  }
}
