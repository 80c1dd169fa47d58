package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a server: each of its addresses in turn, and, where that is wanted, all of them again
 * some time after the last has failed. On the NetThread.
 */
final class StreamClient {
  private final NetThread thread;
  private final Address address;
  private final Duration reconnect;
  private final Taker taker;

  private ImmutableList<SocketName> names = ImmutableList.of();
  private int next;
  private @Nullable StreamSocket connecting;
  private @Nullable FdWatch watch;
  private @Nullable LoopTimer timer;
  private boolean closed;

  /** Who wants the connection. */
  interface Taker {
    void connected(StreamSocket socket, SocketName peer);

    /** Called for each round that found nobody. */
    void failed(String reason);
  }

  StreamClient(NetThread thread, Address address, Duration reconnect, Taker taker) {
    this.thread = thread;
    this.address = address;
    this.reconnect = reconnect;
    this.taker = taker;
  }

  /** Tries all addresses once. */
  void connect() {
    timer = null;
    NameLookup.of(address, false)
        .whenComplete(
            (found, failure) -> {
              if (failure == null) {
                thread.execute(() -> begin(found));
              } else {
                String reason = String.valueOf(causeOf(failure).getMessage());
                thread.execute(() -> fail(reason));
              }
            });
  }

  /** Tries again later, if that is wanted: the connection has ended. */
  void again() {
    if (!reconnect.isZero() && !closed) {
      timer = thread.loop().schedule(reconnect, this::connect);
    }
  }

  void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
    giveUp();
  }

  private void begin(ImmutableList<SocketName> found) {
    if (!closed) {
      names = found;
      next = 0;
      tryNext("no address");
    }
  }

  private void tryNext(String reason) {
    String last = reason;
    while (next < names.size()) {
      SocketName name = names.get(next++);
      try {
        StreamSocket socket = StreamSocket.open(name.family());
        connecting = socket;
        if (socket.connect(name)) {
          hand(name);
        } else {
          watch = thread.loop().watch(socket.number(), FdEvents.WRITE, events -> finish(name));
        }
        return;
      } catch (PosixException e) {
        last = e.errorText();
        giveUp();
      }
    }
    fail(last);
  }

  private void finish(SocketName name) {
    StreamSocket socket = connecting;
    if (socket == null) {
      return;
    }
    try {
      socket.finishConnect();
      hand(name);
    } catch (PosixException e) {
      giveUp();
      tryNext(e.errorText());
    }
  }

  private void hand(SocketName name) {
    StreamSocket socket = connecting;
    connecting = null;
    stopWatching();
    if (socket != null) {
      taker.connected(socket, name);
    }
  }

  private void fail(String reason) {
    if (!closed) {
      taker.failed(reason);
      again();
    }
  }

  private void giveUp() {
    stopWatching();
    if (connecting != null) {
      connecting.close();
      connecting = null;
    }
  }

  private void stopWatching() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  private static Throwable causeOf(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
