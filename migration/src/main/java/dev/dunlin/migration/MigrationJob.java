package dev.dunlin.migration;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.AbortedException;
import dev.dunlin.migration.channel.OutgoingChannel;
import dev.dunlin.migration.multifd.MultifdSender;
import dev.dunlin.ram.GuestRam;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;

/**
 * One outgoing migration on a thread of its own: set up, send while the guest runs until little is
 * left, stop the guest, send the rest, see it arrive. It changes nothing that belongs to the loop;
 * it asks {@link Host} and waits for the answer or the abort signal.
 */
final class MigrationJob {
  /** The loop's side. All methods may be called from the job's thread. */
  interface Host {
    /** Waits for an address and connects. */
    OutgoingChannel open(AbortSignal abort) throws IOException;

    /** {@code multifd}: the connections beside that one; empty when it's off. */
    Optional<MultifdSender> openMultifd(AbortSignal abort) throws IOException;

    /** START sections are out; pages follow. */
    CompletionStage<Void> active();

    /** A sync of the dirty log was made; its number. */
    CompletionStage<Void> pass(long number);

    /** Stops the guest; answers with its state before. */
    CompletionStage<RunState> stopGuest();

    /** {@code pause-before-switchover}: completes when the user says to go on, or at once. */
    CompletionStage<Void> switchover();

    /** Runs between two instructions of the guest. */
    CompletionStage<Void> atSafepoint(Runnable task);

    /** Makes the guest stand still so many percent of the time; see RunControl. */
    void throttle(int percent);

    int throttlePercent();

    /** Whether pages can become dirty now. */
    boolean guestMayWrite();

    void progress(MigrationProgress progress);

    /** The end; nothing is called after it. */
    void finished(MigrationOutcome outcome);
  }

  private final Host host;
  private final GuestRam ram;
  private final Clock clock;
  private final MigrationParameters parameters;
  private final MigrationOptions options;
  private final StreamSections sections;
  private final AbortSignal abort;
  private final boolean tracksWrites;

  MigrationJob(
      Host host,
      GuestRam ram,
      Clock clock,
      MigrationParameters parameters,
      MigrationOptions options,
      StreamSections sections,
      AbortSignal abort) {
    this.host = host;
    this.ram = ram;
    this.clock = clock;
    this.parameters = parameters;
    this.options = options;
    this.sections = sections;
    this.abort = abort;
    this.tracksWrites = ram.dirtyLog().isSupported();
  }

  Thread start() {
    Thread thread = new Thread(this::run, "migration");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void run() {
    MigrationOutcome outcome;
    try {
      outcome = new MigrationOutcome.Success(migrate());
    } catch (AbortedException e) {
      outcome = new MigrationOutcome.Cancelled();
    } catch (IOException e) {
      outcome = new MigrationOutcome.Failed(String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      LogManager.getLogger(MigrationJob.class).error("migration ended by a defect", e);
      outcome = new MigrationOutcome.Failed("internal error: " + e);
    }
    host.finished(abort.isTriggered() ? new MigrationOutcome.Cancelled() : outcome);
  }

  private MigrationProgress migrate() throws IOException {
    try (OutgoingChannel channel = host.open(abort)) {
      abort.check();
      Optional<MultifdSender> multifd = host.openMultifd(abort);
      try {
        return new Precopy(host, ram, clock, parameters, options, sections, abort, channel, multifd)
            .migrate();
      } finally {
        multifd.ifPresent(MultifdSender::close);
        if (tracksWrites) {
          // Nobody waits for it: a CPU that is stuck must not keep the migration from ending.
          var unused = host.atSafepoint(ram.dirtyLog()::stop);
        }
      }
    }
  }
}
