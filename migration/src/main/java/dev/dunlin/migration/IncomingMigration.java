package dev.dunlin.migration;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelException;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.IncomingOpener;
import dev.dunlin.migration.channel.IncomingOpener.Listener;
import dev.dunlin.migration.channel.IncomingOpener.SocketName;
import dev.dunlin.migration.multifd.MultifdListener;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The machine as a destination: it waits in {@code inmigrate} for one stream. Loop thread.
 *
 * <p>A stream that is refused changes nothing. After {@code -incoming defer} another one may then
 * be asked for; QEMU ends in that case. An address on the command line that brings no good stream
 * ends the emulator with status 1, as QEMU does.
 */
public final class IncomingMigration {
  private static final long JOIN_MILLIS = 5000;

  private final Emulator emulator;
  private final MainLoop loop;
  private final RunControl run;
  private final MigrationParameters parameters;
  private final IncomingLoader.Machine machine;
  private final UUID uuid;
  private final Consumer<String> complaints;
  private final IncomingOpener opener;

  private boolean expected;
  private boolean deferred;
  private boolean over;
  private MigrationStatus status = MigrationStatus.NONE;
  private String error = "";
  private @Nullable Attempt attempt;

  IncomingMigration(
      Emulator emulator,
      MigrationParameters parameters,
      IncomingLoader.Machine machine,
      Consumer<String> complaints) {
    this.emulator = emulator;
    this.loop = emulator.loop();
    this.run = emulator.run();
    this.parameters = parameters;
    this.machine = machine;
    this.uuid = machine.uuid().orElse(MigrationModule.NO_UUID);
    this.complaints = complaints;
    this.opener = new IncomingOpener(emulator.children(), loop, emulator.fds()::take);
  }

  public MigrationStatus status() {
    return status;
  }

  public String error() {
    return error;
  }

  /** Where it listens, while it does. */
  Optional<SocketName> address() {
    Attempt now = attempt;
    return now == null ? Optional.empty() : now.listener.address();
  }

  /** {@code -incoming}: the machine waits; {@code defer} says that the address comes later. */
  public void expect(String uri) throws ChannelException {
    loop.assertOnLoop();
    expected = true;
    run.transition(RunState.INMIGRATE);
    deferred = uri.equals("defer");
    if (!deferred) {
      listen(uri);
    }
  }

  /** {@code migrate_incoming}. */
  public void start(String uri) throws MonitorException {
    loop.assertOnLoop();
    if (!expected) {
      throw new MonitorException("'-incoming' was not specified on the command line");
    }
    if (!deferred || attempt != null || over) {
      throw new MonitorException("The incoming migration has already been started");
    }
    try {
      listen(uri);
    } catch (ChannelException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  /** Stops waiting because the emulator ends. */
  public void stop() {
    Attempt now = attempt;
    if (now != null) {
      attempt = null;
      now.end();
    }
  }

  private void listen(String uri) throws ChannelException {
    become(MigrationStatus.SETUP);
    error = "";
    AbortSignal abort;
    try {
      abort = AbortSignal.open();
    } catch (PosixException e) {
      throw new ChannelException(String.valueOf(e.getMessage()), e);
    }
    try {
      Listener plain = opener.listen(ChannelUri.parse(uri), abort);
      Attempt next = new Attempt(new MultifdListener(plain, this::multifd), abort);
      attempt = next;
      next.thread.start();
    } catch (IOException e) {
      abort.close();
      error = String.valueOf(e.getMessage());
      become(MigrationStatus.FAILED);
      throw e instanceof ChannelException known ? known : new ChannelException(error, e);
    }
  }

  /** Any thread. */
  private Optional<MultifdListener.Settings> multifd() {
    return parameters.isOn(MigrationCapability.MULTIFD)
        ? Optional.of(
            new MultifdListener.Settings(
                parameters.multifdChannels(), parameters.multifdCompression(), uuid))
        : Optional.empty();
  }

  private void become(MigrationStatus next) {
    if (status != next && !status.next().contains(next)) {
      throw new IllegalStateException(
          "migration status " + status.qapiName() + " -> " + next.qapiName());
    }
    status = next;
    if (parameters.isOn(MigrationCapability.EVENTS)) {
      emulator.monitor().emit("MIGRATION", ImmutableMap.of("status", next.qapiName()));
    }
  }

  private void succeeded(Attempt done, Optional<RunState> source, List<String> remarks) {
    if (attempt != done) {
      return;
    }
    done.end();
    attempt = null;
    over = true;
    remarks.forEach(complaints);
    enter(source.orElse(RunState.RUNNING));
    become(MigrationStatus.COMPLETED);
  }

  /**
   * The source's state decides, and for a guest that was running also what {@code -S}, {@code stop}
   * and {@code cont} said meanwhile (QEMU migration/migration.c). States that only exist while
   * something is going on leave the guest paused.
   */
  private void enter(RunState source) {
    switch (source) {
      case RUNNING, SUSPENDED -> {
        if (run.autostart()) {
          var unused = run.start();
        } else {
          run.transition(RunState.PAUSED);
        }
      }
      case PRELAUNCH, POSTMIGRATE, SHUTDOWN, IO_ERROR, INTERNAL_ERROR, WATCHDOG, GUEST_PANICKED ->
          run.transition(source);
      default -> run.transition(RunState.PAUSED);
    }
  }

  private void refused(Attempt done, List<String> lines) {
    if (attempt != done) {
      return;
    }
    done.end();
    attempt = null;
    error = String.join("; ", lines);
    lines.forEach(complaints);
    become(MigrationStatus.FAILED);
    if (!deferred) {
      emulator.quit(1);
    }
  }

  /** One address and the thread that waits there. */
  private final class Attempt {
    private final Listener listener;
    private final AbortSignal abort;
    private final Thread thread;

    Attempt(Listener listener, AbortSignal abort) {
      this.listener = listener;
      this.abort = abort;
      this.thread = new Thread(this::receive, "incoming migration");
      this.thread.setDaemon(true);
    }

    private void receive() {
      IncomingLoader loader = new IncomingLoader(machine, run::atSafepoint, abort);
      IncomingLoader.Verdict verdict =
          loader.load(listener, () -> loop.execute(() -> whileThis(MigrationStatus.ACTIVE)));
      loop.execute(
          () -> {
            if (verdict instanceof IncomingLoader.Loaded loaded) {
              succeeded(this, loaded.source(), loaded.remarks());
            } else if (verdict instanceof IncomingLoader.Refused no) {
              refused(this, no.lines());
            }
          });
    }

    private void whileThis(MigrationStatus next) {
      if (attempt == this) {
        become(next);
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
