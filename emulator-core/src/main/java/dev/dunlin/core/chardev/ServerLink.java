package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/** A server: accepts one connection at a time; the next waits in the kernel. Loop thread. */
public final class ServerLink implements SocketChardev.Link {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final MainLoop loop;
  private final Listener listener;
  private final Consumer<StreamSocket> taker;
  private final FdWatch watch;
  private @Nullable LoopTimer retry;

  /**
   * Nothing is accepted before {@link #next}.
   *
   * @param taker takes a connected socket, and charge of it
   */
  public ServerLink(MainLoop loop, Listener listener, Consumer<StreamSocket> taker) {
    this.loop = loop;
    this.listener = listener;
    this.taker = taker;
    this.watch = loop.watch(listener.socket().number(), FdEvents.NONE, this::ready);
  }

  @Override
  public void next() {
    watch.setInterest(FdEvents.READ);
  }

  @Override
  public Optional<SocketName> localName() {
    try {
      return Optional.of(listener.socket().localName());
    } catch (PosixException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    if (retry != null) {
      retry.cancel();
    }
    watch.close();
    listener.close();
  }

  private void ready(FdEvents events) {
    try {
      Optional<StreamSocket> client = listener.socket().accept();
      if (client.isPresent()) {
        watch.setInterest(FdEvents.NONE);
        taker.accept(client.get());
      }
    } catch (PosixException e) {
      // Out of descriptors, for one. The client waits in the kernel; asking at once would spin.
      watch.setInterest(FdEvents.NONE);
      retry = loop.schedule(RETRY, this::next);
      LogManager.getLogger(ServerLink.class).warn("no client accepted: {}", e.getMessage());
    }
  }
}
