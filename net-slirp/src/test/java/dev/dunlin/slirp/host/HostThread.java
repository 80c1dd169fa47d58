package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.slirp.wire.DropCounters;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A network's thread with nothing on it but host sockets. */
final class HostThread implements AutoCloseable {
  final NetThread thread;
  final HostLoop host;

  /** Turns of the loop so far. */
  volatile long turns;

  private HostThread(NetThread thread) {
    this.thread = thread;
    this.host = new HostLoop(thread, new DropCounters());
    thread.execute(
        () ->
            thread
                .turnEnds()
                .add(
                    now -> {
                      turns = turns + 1;
                      return -1;
                    }));
  }

  static HostThread start() throws Exception {
    return new HostThread(NetThread.start("host sockets", Clock.system()));
  }

  <T> T call(Callable<T> task) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    thread.execute(
        () -> {
          try {
            done.complete(task.call());
          } catch (Exception | AssertionError e) {
            done.completeExceptionally(e);
          }
        });
    return done.get(30, TimeUnit.SECONDS);
  }

  void run(Runnable task) throws Exception {
    call(
        () -> {
          task.run();
          return true;
        });
  }

  @Override
  public void close() throws Exception {
    run(host::close);
    int leased = call(() -> thread.pool().leased());
    int watched = call(() -> thread.loop().watchCount());
    thread.stop().toCompletableFuture().get(30, TimeUnit.SECONDS);
    if (leased != 0 || watched != 0) {
      throw new AssertionError(leased + " frames and " + watched + " watches left");
    }
  }
}
