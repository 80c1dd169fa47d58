package dev.dunlin.migration;

import dev.dunlin.core.Emulator;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.IncomingOpener;
import dev.dunlin.migration.channel.IncomingOpener.Listener;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code loadvm}: puts a machine that is up back to what a stream says. The guest stands still
 * meanwhile; the stream is loaded beside it and takes its place in one step when it was good to its
 * end. One that is refused changes nothing. A guest that ran before runs afterwards, however it
 * ended. Loop thread.
 *
 * <p>What QEMU's command names is a snapshot within a disk image; here it is the address of a
 * stream that is there already.
 */
final class SnapshotLoad {
  private static final long JOIN_MILLIS = 5000;
  private static final String BLOCKER = "The machine is being put back by loadvm";

  private final MainLoop loop;
  private final RunControl run;
  private final IncomingLoader.Machine machine;
  private final OutgoingMigration outgoing;
  private final Consumer<String> complaints;
  private final IncomingOpener opener;
  private @Nullable Attempt attempt;

  /**
   * @param complaints hears what is worth a word though the stream was good
   */
  SnapshotLoad(
      Emulator emulator,
      IncomingLoader.Machine machine,
      OutgoingMigration outgoing,
      Consumer<String> complaints) {
    this.loop = emulator.loop();
    this.run = emulator.run();
    this.machine = machine;
    this.outgoing = outgoing;
    this.complaints = complaints;
    this.opener = new IncomingOpener(emulator.children(), loop, emulator.fds()::take);
  }

  /**
   * Begins. {@code whenOver} hears later, in another task of the loop, how it ended: nothing when
   * the machine is what the stream says, or why it is as it was.
   */
  void start(String uri, Consumer<Optional<MonitorException>> whenOver) throws MonitorException {
    loop.assertOnLoop();
    refuseIfImpossible();
    Attempt next = open(uri, whenOver);
    attempt = next;
    outgoing.setBlocker(Optional.of(BLOCKER));
    next.begin();
  }

  /** Ends one under way because the emulator ends. */
  void stop() {
    Attempt now = attempt;
    if (now != null) {
      attempt = null;
      now.end();
    }
  }

  private void refuseIfImpossible() throws MonitorException {
    if (attempt != null) {
      throw new MonitorException(BLOCKER);
    }
    outgoing.refuseWhileUnderWay();
    if (run.state() == RunState.INMIGRATE) {
      throw new MonitorException("Guest is waiting for an incoming migration");
    }
    if (run.onlyHolds()) {
      throw new MonitorException("A relay holds the guest that came in and takes no other");
    }
    if (run.state() == RunState.SUSPENDED) {
      throw new MonitorException("The guest is suspended: wake it up first");
    }
  }

  private Attempt open(String uri, Consumer<Optional<MonitorException>> whenOver)
      throws MonitorException {
    AbortSignal abort;
    try {
      abort = AbortSignal.open();
    } catch (PosixException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
    try {
      ChannelUri parsed = ChannelUri.parse(uri);
      if (parsed instanceof ChannelUri.Tcp || parsed instanceof ChannelUri.Unix) {
        throw new MonitorException("loadvm reads what is there already: exec:, fd: or file:");
      }
      return new Attempt(opener.listen(parsed, abort), abort, whenOver);
    } catch (IOException e) {
      abort.close();
      throw new MonitorException(String.valueOf(e.getMessage()));
    } catch (MonitorException e) {
      abort.close();
      throw e;
    }
  }

  private void conclude(Attempt done, IncomingLoader.Verdict verdict) {
    if (attempt != done) {
      return;
    }
    attempt = null;
    done.end();
    outgoing.setBlocker(Optional.empty());
    if (verdict instanceof IncomingLoader.Loaded loaded) {
      loaded.remarks().forEach(complaints);
      enterFreshState();
      done.goOn(Optional.empty());
    } else if (verdict instanceof IncomingLoader.Refused no) {
      done.goOn(Optional.of(new MonitorException(sentence(no.lines()))));
    }
  }

  private static String sentence(List<String> lines) {
    return String.join("; ", lines);
  }

  /** What had become of the guest that was there is of no account any more. */
  private void enterFreshState() {
    switch (run.state()) {
      case RUNNING, PAUSED, PRELAUNCH, RESTORE_VM -> {}
      default -> run.transition(RunState.PRELAUNCH);
    }
  }

  /** One stream and the thread that reads it. */
  private final class Attempt {
    private final Listener listener;
    private final AbortSignal abort;
    private final Consumer<Optional<MonitorException>> whenOver;
    private final Thread thread = new Thread(this::read, "loadvm");
    private boolean ran;

    Attempt(Listener listener, AbortSignal abort, Consumer<Optional<MonitorException>> whenOver) {
      this.listener = listener;
      this.abort = abort;
      this.whenOver = whenOver;
      thread.setDaemon(true);
    }

    void begin() {
      if (run.isRunning()) {
        // Fails where a stop that came before was still under way: then it stands already.
        var unused =
            run.stop(RunState.RESTORE_VM).whenComplete((nothing, trouble) -> readIfWanted());
      } else {
        readIfWanted();
      }
    }

    private void readIfWanted() {
      if (attempt == this) {
        ran = run.state() == RunState.RESTORE_VM;
        thread.start();
      }
    }

    private void read() {
      IncomingLoader loader = new IncomingLoader(machine, run::atSafepoint, abort);
      IncomingLoader.Verdict verdict = loader.load(listener, () -> {});
      loop.execute(() -> conclude(this, verdict));
    }

    /** The guest first: whoever hears of the end finds it going. */
    void goOn(Optional<MonitorException> failure) {
      if (ran) {
        var unused = run.start().whenComplete((nothing, trouble) -> whenOver.accept(failure));
      } else {
        whenOver.accept(failure);
      }
    }

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
}
