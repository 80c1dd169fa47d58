package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.time.Duration;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * A client: the connection it was made with, and, when it may reconnect, another one some seconds
 * after each end or failure. Loop thread.
 */
final class ClientLink implements SocketChardev.Link {
  private final MainLoop loop;
  private final Address address;
  private final Duration reconnect;
  private final SocketChardev.Taker taker;
  private @Nullable StreamSocket first;
  private @Nullable StreamSocket connecting;
  private @Nullable FdWatch watch;
  private @Nullable LoopTimer timer;
  private boolean begun;

  /**
   * @param first a connected socket; null when the first is to be made like all others
   */
  ClientLink(
      MainLoop loop,
      Address address,
      Duration reconnect,
      @Nullable StreamSocket first,
      SocketChardev.Taker taker) {
    this.loop = loop;
    this.address = address;
    this.reconnect = reconnect;
    this.first = first;
    this.taker = taker;
  }

  @Override
  public void next() {
    StreamSocket ready = first;
    first = null;
    if (ready != null) {
      taker.take(ready);
    } else if (!reconnect.isZero()) {
      timer = loop.schedule(begun ? reconnect : Duration.ZERO, this::connect);
    }
    begun = true;
  }

  @Override
  public Optional<SocketName> localName() {
    return Optional.empty();
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.cancel();
    }
    giveUp();
  }

  private void connect() {
    try {
      ImmutableList<SocketName> names = Endpoints.resolve(address, false);
      connecting = Connector.begin(names.get(0));
      watch = loop.watch(connecting.number(), FdEvents.WRITE, events -> finish());
    } catch (OptionException | PosixException e) {
      retry(e);
    }
  }

  private void finish() {
    StreamSocket socket = connecting;
    if (socket == null) {
      return;
    }
    try {
      socket.finishConnect();
      stopWatching();
      connecting = null;
      taker.take(socket);
    } catch (PosixException e) {
      giveUp();
      retry(e);
    }
  }

  private void retry(Exception e) {
    LogManager.getLogger(ClientLink.class)
        .debug("{}: {}", Endpoints.describe(address), e.getMessage());
    next();
  }

  private void giveUp() {
    stopWatching();
    if (connecting != null) {
      connecting.close();
      connecting = null;
    }
    if (first != null) {
      first.close();
      first = null;
    }
  }

  private void stopWatching() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }
}
