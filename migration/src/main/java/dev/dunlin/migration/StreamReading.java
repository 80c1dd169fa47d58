package dev.dunlin.migration;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.IncomingOpener.Listener;
import dev.dunlin.migration.channel.IncomingOpener.SocketName;
import java.util.Optional;
import java.util.function.Consumer;

/** One address and the thread that reads the stream which comes there. Loop thread. */
final class StreamReading {
  private static final long JOIN_MILLIS = 5000;

  private final Listener listener;
  private final AbortSignal abort;

  /** Nobody, until it begins. */
  private Thread thread = new Thread();

  /** Takes both over. */
  StreamReading(Listener listener, AbortSignal abort) {
    this.listener = listener;
    this.abort = abort;
  }

  /** Where it listens, if that is a place others can connect to. */
  Optional<SocketName> address() {
    return listener.address();
  }

  /**
   * Begins, in a thread of this name. The other two are called on the loop: when a stream has come,
   * and with what it came to, unless the loop has ended.
   */
  void begin(
      String name,
      IncomingLoader.Machine machine,
      RunControl run,
      MainLoop loop,
      Runnable whenActive,
      Consumer<IncomingLoader.Verdict> whenOver) {
    IncomingLoader loader = new IncomingLoader(machine, run::atSafepoint, abort);
    thread =
        new Thread(
            () -> {
              IncomingLoader.Verdict verdict =
                  loader.load(listener, () -> loop.execute(whenActive));
              loop.execute(() -> whenOver.accept(verdict));
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends it, whatever it does, and lets the address go. */
  void end() {
    abort.trigger();
    try {
      thread.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener.close();
    abort.close();
  }
}
