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
      now.reading.end();
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
      return new Attempt(new StreamReading(opener.listen(parsed, abort), abort), whenOver);
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
    done.reading.end();
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

  /** One stream and who waits for what it comes to. */
  private final class Attempt {
    private final StreamReading reading;
    private final Consumer<Optional<MonitorException>> whenOver;
    private boolean ran;

    Attempt(StreamReading reading, Consumer<Optional<MonitorException>> whenOver) {
      this.reading = reading;
      this.whenOver = whenOver;
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
        reading.begin("loadvm", machine, run, loop, () -> {}, verdict -> conclude(this, verdict));
      }
    }

    /** The guest first: whoever hears of the end finds it going. */
    void goOn(Optional<MonitorException> failure) {
      if (ran) {
        var unused = run.start().whenComplete((nothing, trouble) -> whenOver.accept(failure));
      } else {
        whenOver.accept(failure);
      }
    }
  }
}
