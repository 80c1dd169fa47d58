package dev.dunlin.slirp;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.slirp.host.ChildStarter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A helper at whose other end nobody speaks: it runs until that end is closed, and is started again
 * when it is needed and has ended. Emulator's loop.
 */
final class HelperCompanion implements ChildStarter.Companion {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  /** Then the others go ahead without it: better a service that lacks something than none. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final MainLoop loop;
  private final Function<Consumer<Boolean>, Optional<StreamSocket>> launcher;
  private final BooleanSupplier isUp;
  private final List<Runnable> waiting = new ArrayList<>();
  private Optional<StreamSocket> connection = Optional.empty();
  private Optional<LoopTimer> look = Optional.empty();
  private long started;
  private boolean closed;

  /**
   * @param launcher starts one, whose end goes to its argument; empty when that failed
   */
  HelperCompanion(
      MainLoop loop,
      Function<Consumer<Boolean>, Optional<StreamSocket>> launcher,
      BooleanSupplier isUp) {
    this.loop = loop;
    this.launcher = launcher;
    this.isUp = isUp;
  }

  @Override
  public void whenUp(Runnable then) {
    waiting.add(then);
    if (connection.isEmpty() && !closed) {
      connection = launcher.apply(orderly -> ended());
      started = loop.clock().nanoTime();
    }
    if (look.isEmpty()) {
      look();
    }
  }

  private void look() {
    look = Optional.empty();
    boolean hopeless =
        connection.isEmpty() || loop.clock().nanoTime() - started > PATIENCE.toNanos();
    if (hopeless || isUp.getAsBoolean()) {
      release();
    } else {
      look = Optional.of(loop.schedule(LOOK_AGAIN, this::look));
    }
  }

  private void ended() {
    letGo();
    release();
  }

  private void release() {
    look.ifPresent(LoopTimer::cancel);
    look = Optional.empty();
    List<Runnable> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(Runnable::run);
  }

  private void letGo() {
    connection.ifPresent(StreamSocket::close);
    connection = Optional.empty();
  }

  @Override
  public void close() {
    closed = true;
    letGo();
    release();
  }
}
