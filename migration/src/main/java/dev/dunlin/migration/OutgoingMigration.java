package dev.dunlin.migration;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelException;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.OutgoingOpener;
import dev.dunlin.migration.ram.XbzrleCounters;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.vmstate.VmStateRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * Outgoing migrations of one machine, one at a time: the status that users see, and what a
 * migration does to the machine's run state. Loop thread.
 */
public final class OutgoingMigration {
  private final Emulator emulator;
  private final MainLoop loop;
  private final RunControl run;
  private final MigrationParameters parameters;
  private final MigrationOptions options;
  private final VmStateRegistry devices;
  private final Optional<UUID> uuid;
  private final Consumer<String> complaints;
  private final MigrationFigures figures;
  private final List<Runnable> whenOver = new ArrayList<>();

  private MigrationStatus status = MigrationStatus.NONE;
  private String error = "";
  private Optional<String> blocker = Optional.empty();
  private @Nullable OutgoingAttempt attempt;
  private @Nullable StreamSections sections;

  public OutgoingMigration(
      Emulator emulator,
      MigrationParameters parameters,
      MigrationOptions options,
      VmStateRegistry devices,
      Optional<UUID> uuid,
      Consumer<String> complaints) {
    this.emulator = emulator;
    this.loop = emulator.loop();
    this.run = emulator.run();
    this.parameters = parameters;
    this.options = options;
    this.devices = devices;
    this.uuid = uuid;
    this.complaints = complaints;
    this.figures = new MigrationFigures(loop.clock());
  }

  public MigrationStatus status() {
    return status;
  }

  /** Why the last one failed, empty when nobody knows. */
  public String error() {
    return error;
  }

  /**
   * Starts a migration. {@code whenOver} runs when it has ended, however it did.
   *
   * @param block whether sections for disks are sent, though there are none
   */
  public void start(String uri, boolean block, Runnable whenOver) throws MonitorException {
    loop.assertOnLoop();
    refuseIfImpossible(block);
    error = "";
    begin();
    try {
      ChannelUri parsed = ChannelUri.parse(uri);
      Optional<Fd> fd = Optional.empty();
      if (parsed instanceof ChannelUri.Descriptor name) {
        fd = Optional.of(OutgoingOpener.descriptor(name, emulator.fds()::take));
      }
      launch(parsed, fd, block);
    } catch (ChannelUri.UnknownTransport e) {
      throw refused("Parameter 'uri' expects a valid migration protocol");
    } catch (ChannelException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
    this.whenOver.add(whenOver);
  }

  /** Asks the migration under way to end; harmless when there is none. */
  public void cancel() {
    loop.assertOnLoop();
    OutgoingAttempt now = attempt;
    if (now != null && status.next().contains(MigrationStatus.CANCELLING)) {
      become(MigrationStatus.CANCELLING);
      now.cancel();
    }
  }

  /** {@code migrate_continue}: goes on from pre-switchover. */
  public void continueFrom(String state) throws MonitorException {
    if (!status.qapiName().equals(state)) {
      throw new MonitorException("Migration not in expected state: " + status.qapiName());
    }
    OutgoingAttempt now = attempt;
    // QEMU forgets a word that comes before there is something to go on from.
    if (now != null && status == MigrationStatus.PRE_SWITCHOVER) {
      now.goOn();
    }
  }

  /** Ends a migration under way because the emulator ends; the guest isn't set going again. */
  public void stop() {
    OutgoingAttempt now = attempt;
    if (now == null) {
      return;
    }
    attempt = null;
    whenOver.clear();
    now.cancel();
    now.end();
  }

  /** Milliseconds of the whole, so far or in the end. */
  long totalMillis() {
    return status.isUnderWay() ? figures.millisSoFar() : figures.totalMillis();
  }

  /** The machine's, or all zero. */
  UUID uuid() {
    return uuid.orElse(MigrationModule.NO_UUID);
  }

  /** How many percent of the time the guest is made to stand still, for auto-converge. */
  int throttlePercent() {
    return run.throttlePercent();
  }

  /** Figures of XBZRLE, while it's on. */
  Optional<XbzrleCounters> xbzrle() {
    StreamSections last = sections;
    return last == null ? Optional.empty() : last.xbzrle();
  }

  MigrationFigures figures() {
    return figures;
  }

  /** What a migration consists of can't be changed while it lasts. */
  void refuseWhileUnderWay() throws MonitorException {
    if (status.isUnderWay()) {
      throw new MonitorException("There's a migration process in progress");
    }
  }

  /** Refuses every migration with this sentence, until told otherwise. */
  void setBlocker(Optional<String> sentence) {
    blocker = sentence;
  }

  private void refuseIfImpossible(boolean block) throws MonitorException {
    refuseWhileUnderWay();
    if (blocker.isPresent()) {
      throw new MonitorException(blocker.get());
    }
    if (run.state() == RunState.INMIGRATE) {
      throw new MonitorException("Guest is waiting for an incoming migration");
    }
    if (run.state() == RunState.POSTMIGRATE && !run.onlyHolds()) {
      throw new MonitorException("Can't migrate the vm that was paused due to previous migration");
    }
    if (block && parameters.isOn(MigrationCapability.BLOCK)) {
      throw new MonitorException(
          "Command options are incompatible with current migration capabilities");
    }
    if (run.isRunning() && !emulator.ram().dirtyLog().isSupported()) {
      throw new MonitorException(
          "This machine keeps no log of the pages it writes: stop the guest before the migration");
    }
  }

  private void begin() {
    figures.begin(emulator.ram().totalLength(), parameters.downtimeLimitMillis());
    become(MigrationStatus.SETUP);
  }

  private MonitorException refused(String message) {
    error = message;
    become(MigrationStatus.FAILED);
    return new MonitorException(message);
  }

  private void launch(ChannelUri uri, Optional<Fd> fd, boolean block) throws ChannelException {
    AbortSignal abort;
    try {
      abort = AbortSignal.open();
    } catch (PosixException e) {
      fd.ifPresent(Fd::close);
      throw new ChannelException(e.getMessage() == null ? "eventfd" : e.getMessage(), e);
    }
    boolean disks =
        block || parameters.isOn(MigrationCapability.BLOCK) || options.dialect().blockSections();
    // What is remembered of a page must be what was sent of it.
    MigrationOptions chosen =
        options
            .withBlockSections(disks)
            .withSplice(options.splice() && !parameters.isOn(MigrationCapability.XBZRLE));
    StreamSections parts =
        new StreamSections(
            Configuration.of(
                emulator.machineType(),
                uuid.filter(own -> parameters.isOn(MigrationCapability.VALIDATE_UUID))),
            chosen.dialect(),
            chosen.storeGlobalState(),
            devices,
            parameters);
    sections = parts;
    OutgoingAttempt next = new OutgoingAttempt(this, emulator, parameters, uri, fd, abort);
    attempt = next;
    next.start(
        new MigrationJob(next, emulator.ram(), loop.clock(), parameters, chosen, parts, abort));
  }

  /**
   * The one way to a new status. Everything that the new status says must be true already, since
   * whoever hears of it may act at once.
   */
  private void become(MigrationStatus next) {
    if (!status.next().contains(next)) {
      throw new IllegalStateException(
          "migration status " + status.qapiName() + " -> " + next.qapiName());
    }
    LogManager.getLogger(OutgoingMigration.class).trace("migration {} -> {}", status, next);
    status = next;
    if (parameters.isOn(MigrationCapability.EVENTS)) {
      emulator.monitor().emit("MIGRATION", ImmutableMap.of("status", next.qapiName()));
    }
  }

  /** A cancel that came first stands. */
  void advance(OutgoingAttempt by, MigrationStatus next) {
    if (attempt == by && status != MigrationStatus.CANCELLING) {
      become(next);
    }
  }

  /** The thread has done what it could, and the guest stands still if it was to be stopped. */
  void conclude(OutgoingAttempt done, MigrationOutcome outcome) {
    if (attempt != done) {
      return;
    }
    done.end();
    attempt = null;
    if (outcome instanceof MigrationOutcome.Success success
        && status != MigrationStatus.CANCELLING) {
      succeed(success);
    } else {
      done.letGuestGoOn();
      endWithout(outcome);
    }
    List<Runnable> waiting = List.copyOf(whenOver);
    whenOver.clear();
    waiting.forEach(Runnable::run);
  }

  private void succeed(MigrationOutcome.Success success) {
    if (run.state() != RunState.FINISH_MIGRATE) {
      error = "the guest was set going before its migration had ended";
      complaints.accept(error);
      become(MigrationStatus.FAILED);
      return;
    }
    run.transition(RunState.POSTMIGRATE);
    figures.complete(success.progress());
    become(MigrationStatus.COMPLETED);
  }

  private void endWithout(MigrationOutcome outcome) {
    if (status == MigrationStatus.CANCELLING) {
      become(MigrationStatus.CANCELLED);
    } else if (outcome instanceof MigrationOutcome.Failed failed) {
      error = failed.message();
      complaints.accept(error);
      become(MigrationStatus.FAILED);
    } else {
      throw new IllegalStateException(outcome + " while " + status);
    }
  }
}
