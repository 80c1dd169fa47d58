package dev.dunlin.migration;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.OutgoingChannel;
import dev.dunlin.migration.channel.OutgoingOpener;
import dev.dunlin.migration.multifd.MultifdSender;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One outgoing migration's ties to the loop: what its thread asks of the loop as {@link
 * MigrationJob.Host}, and what the loop knows of the thread. Loop thread, but the methods of {@code
 * Host}, which come from the migration's.
 */
final class OutgoingAttempt implements MigrationJob.Host {
  /**
   * Only an open(2) that blocks for ever, of a FIFO say, could make a migration's thread miss this.
   */
  private static final long JOIN_MILLIS = 5000;

  private final OutgoingMigration migration;
  private final Emulator emulator;
  private final MainLoop loop;
  private final RunControl run;
  private final MigrationParameters parameters;
  private final ChannelUri uri;
  private final Optional<Fd> fd;
  private final AbortSignal abort;
  private final GuestHold guest;
  private final CompletableFuture<Void> goOn = new CompletableFuture<>();
  private @Nullable Thread thread;

  OutgoingAttempt(
      OutgoingMigration migration,
      Emulator emulator,
      MigrationParameters parameters,
      ChannelUri uri,
      Optional<Fd> fd,
      AbortSignal abort) {
    this.migration = migration;
    this.emulator = emulator;
    this.loop = emulator.loop();
    this.run = emulator.run();
    this.parameters = parameters;
    this.uri = uri;
    this.fd = fd;
    this.abort = abort;
    this.guest = new GuestHold(run);
  }

  void start(MigrationJob job) {
    thread = job.start();
  }

  /** Asks the thread to end; it does so on its own. */
  void cancel() {
    abort.trigger();
  }

  /** {@code migrate_continue}. */
  void goOn() {
    goOn.complete(null);
  }

  /** Sees the thread end, which has called {@link #finished} or was cancelled. */
  void end() {
    join();
    abort.close();
    if (run.throttlePercent() > 0) {
      run.throttle(0);
    }
  }

  /** The machine is as it was before the migration stopped it. */
  void letGuestGoOn() {
    guest.release();
  }

  @Override
  public OutgoingChannel open(AbortSignal signal) throws IOException {
    return fd.isPresent()
        ? OutgoingOpener.overDescriptor(fd.get(), signal)
        : new OutgoingOpener(emulator.children(), loop).open(uri, signal);
  }

  @Override
  public Optional<MultifdSender> openMultifd(AbortSignal signal) throws IOException {
    if (!parameters.isOn(MigrationCapability.MULTIFD)) {
      return Optional.empty();
    }
    return Optional.of(
        MultifdSender.connect(
            ending -> OutgoingOpener.openSocket(uri, ending),
            parameters.multifdChannels(),
            parameters.multifdCompression(),
            parameters.multifdLevel(),
            migration.uuid(),
            signal));
  }

  @Override
  public CompletionStage<Void> active() {
    return onLoop(
        () -> {
          migration.figures().setUp();
          migration.advance(this, MigrationStatus.ACTIVE);
        });
  }

  @Override
  public CompletionStage<Void> pass(long number) {
    return onLoop(
        () -> {
          if (parameters.isOn(MigrationCapability.EVENTS)) {
            emulator.monitor().emit("MIGRATION_PASS", ImmutableMap.of("pass", number));
          }
        });
  }

  @Override
  public CompletionStage<RunState> stopGuest() {
    CompletableFuture<RunState> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (abort.isTriggered()) {
            return;
          }
          migration.figures().guestStops();
          guest
              .stop()
              .whenComplete(
                  (before, failure) -> {
                    if (failure == null) {
                      answer.complete(before);
                    } else {
                      answer.completeExceptionally(failure);
                    }
                  });
        });
    return answer;
  }

  @Override
  public CompletionStage<Void> switchover() {
    if (!parameters.isOn(MigrationCapability.PAUSE_BEFORE_SWITCHOVER)) {
      return CompletableFuture.completedFuture(null);
    }
    return onLoop(() -> migration.advance(this, MigrationStatus.PRE_SWITCHOVER))
        .thenCompose(nothing -> goOn)
        .thenCompose(nothing -> onLoop(() -> migration.advance(this, MigrationStatus.DEVICE)));
  }

  @Override
  public CompletionStage<Void> atSafepoint(Runnable task) {
    return run.atSafepoint(task);
  }

  @Override
  public void throttle(int percent) {
    loop.execute(
        () -> {
          if (!abort.isTriggered()) {
            run.throttle(percent);
          }
        });
  }

  @Override
  public int throttlePercent() {
    return run.throttlePercent();
  }

  @Override
  public boolean guestMayWrite() {
    return run.isRunning() && run.hasCpu();
  }

  @Override
  public void progress(MigrationProgress now) {
    migration.figures().publish(now);
  }

  @Override
  public void finished(MigrationOutcome outcome) {
    loop.execute(() -> guest.whenStandingStill(() -> migration.conclude(this, outcome)));
  }

  private void join() {
    Thread running = thread;
    try {
      if (running != null) {
        running.join(JOIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<Void> onLoop(Runnable task) {
    return CompletableFuture.runAsync(task, loop);
  }
}
